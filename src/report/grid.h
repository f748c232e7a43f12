/* A table of texts: columns that are dropped from the right when they do not fit, for the terminal
 * and for Markdown. */
#ifndef REPORT_GRID_H
#define REPORT_GRID_H

#include "base/mem.h"
#include "base/text.h"

struct grid {
    int columns, rows;  /* row 0 holds the headings */
    int required;       /* columns that are never dropped */
    const char **cells; /* rows of `columns`; NULL is empty */
    bool *right;        /* by column: aligned at the right */
    size_t capacity;    /* private */
    struct arena arena;
};

/* Starts a grid with these headings; one that begins with '>' aligns its column at the right. */
void grid_start(struct grid *grid, const char *const *headings, int columns, int required);
void grid_free(struct grid *grid); /* idempotent */
int grid_row(struct grid *grid);   /* a new empty row; gives its number */
/* Takes the text of `cell` (freed) into the grid. */
void grid_set(struct grid *grid, int row, int column, struct text *cell);

/* In lines of at most `width` columns (0: no bound) while the required columns allow it, indented.
 */
void grid_table(const struct grid *grid, int indent, int width, struct text *out);
void grid_md(const struct grid *grid, struct text *out);

#endif
