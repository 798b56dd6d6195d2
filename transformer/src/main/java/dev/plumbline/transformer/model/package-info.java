/**
 * What a checkpoint's {@code config.json} says: shapes, model family, rotary embedding and its
 * scaling. The package uses no other package of the module. Start with {@link LlamaConfig}, then
 * read {@link ModelFamily}.
 */
package dev.plumbline.transformer.model;
