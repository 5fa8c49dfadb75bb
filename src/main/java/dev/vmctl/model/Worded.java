package dev.vmctl.model;

/** A constant that people see and write as a word; files and the API have the same word. */
public interface Worded {
  /** As written in a VMFile, in output and in JSON. Never changes once released. */
  String text();
}
