package dev.plumbline.transformer.jinja;

/** A function, a method of a value or a macro. */
interface Callable {
  Object call(Args args);
}
