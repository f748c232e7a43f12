#include "report/grid.h"

#include <string.h>

static const char *cell(const struct grid *grid, int row, int column) {
    const char *s = grid->cells[row * grid->columns + column];
    return s ? s : "";
}

int grid_row(struct grid *grid) {
    size_t need = ((size_t)grid->rows + 1) * (size_t)grid->columns;
    mem_grow(&grid->cells, &grid->capacity, need, sizeof *grid->cells);
    return grid->rows++;
}

void grid_start(struct grid *grid, const char *const *headings, int columns, int required) {
    *grid = (struct grid){.columns = columns, .required = required};
    grid->right = mem_array((size_t)columns, sizeof *grid->right);
    grid_row(grid);
    for (int c = 0; c < columns; c++) {
        grid->right[c] = headings[c][0] == '>';
        grid->cells[c] = headings[c] + grid->right[c];
    }
}

void grid_free(struct grid *grid) {
    mem_free(grid->cells);
    mem_free(grid->right);
    arena_free(&grid->arena);
    *grid = (struct grid){0};
}

void grid_set(struct grid *grid, int row, int column, struct text *text) {
    if (text->s) grid->cells[row * grid->columns + column] = arena_strdup(&grid->arena, text->s);
    text_free(text);
}

static int column_width(const struct grid *grid, int column) {
    int width = 0;
    for (int r = 0; r < grid->rows; r++) {
        int w = text_width(cell(grid, r, column));
        if (w > width) width = w;
    }
    return width;
}

struct layout {
    int *widths;
    int shown; /* columns */
    int gap, indent;
};

static void put_row(const struct grid *grid, int row, const struct layout *l, struct text *out) {
    struct text line = {0};
    text_add(&line, "%*s", l->indent, "");
    for (int c = 0; c < l->shown; c++) {
        if (c) text_add(&line, "%*s", l->gap, "");
        text_pad(&line, cell(grid, row, c), grid->right[c] ? -l->widths[c] : l->widths[c]);
    }
    while (line.length && line.s[line.length - 1] == ' ') line.length--;
    text_write(out, line.s, line.length);
    text_put(out, "\n");
    text_free(&line);
}

/* How wide the first `columns` columns are. */
static int total_width(const struct layout *l, int columns) {
    int total = l->indent - l->gap;
    for (int c = 0; c < columns; c++) total += l->widths[c] + l->gap;
    return total;
}

void grid_table(const struct grid *grid, int indent, int width, struct text *out) {
    struct layout l = {.gap = 2, .indent = indent, .shown = grid->columns};
    l.widths = mem_array((size_t)grid->columns, sizeof *l.widths);
    for (int c = 0; c < grid->columns; c++) l.widths[c] = column_width(grid, c);
    while (width > 0 && l.shown > grid->required && total_width(&l, l.shown) > width) l.shown--;
    if (width > 0 && total_width(&l, l.shown) > width) l.gap = 1;
    for (int r = 0; r < grid->rows; r++) put_row(grid, r, &l, out);
    mem_free(l.widths);
}

static void put_md(struct text *out, const char *s) {
    for (; *s; s++) {
        if (*s == '|') text_put(out, "\\");
        text_write(out, s, 1);
    }
}

void grid_md(const struct grid *grid, struct text *out) {
    for (int r = 0; r < grid->rows; r++) {
        text_put(out, "|");
        for (int c = 0; c < grid->columns; c++) {
            text_put(out, " ");
            put_md(out, cell(grid, r, c));
            text_put(out, " |");
        }
        text_put(out, "\n");
        if (r > 0) continue;
        text_put(out, "|");
        for (int c = 0; c < grid->columns; c++) text_put(out, grid->right[c] ? " --: |" : " --- |");
        text_put(out, "\n");
    }
}
