/**
 * The report of an experiment: its data and its page, its Markdown document and its table for
 * terminals. It may use {@code report.chart}, {@code report.page} and {@code statistics}, and
 * decides nothing: verdicts come from {@code experiment}. Start with {@link
 * dev.plumbline.alignment.report.study.Study}, then {@link
 * dev.plumbline.alignment.report.study.StudyReport}.
 */
package dev.plumbline.alignment.report.study;
