/**
 * The elements of a report that know no experiment: HTML, its style, tables for pages and
 * terminals, and number formats. It may use {@code statistics} only. Start with {@link
 * dev.plumbline.alignment.report.page.Html}.
 */
package dev.plumbline.alignment.report.page;
