"""The brief: one set of figures for the screen, the PDF, Word, Excel and the map of a period."""
