#include "report/sheet.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "report/font.h"
#include "report/heat.h"

#define MARGIN      24
#define GAP         16
#define CELL_WANT   256  /* pixels a side that an image is shown at, about */
#define CELL_LEAST  96   /* narrower columns would cut most names */
#define WIDTH_WANT  2000 /* a sheet gets no wider where it can wrap or shrink */
#define ENLARGE     8    /* at most */
#define LABEL       (FONT_HEIGHT + 4)
#define TITLE_SCALE 2
#define TITLE       (TITLE_SCALE * FONT_HEIGHT + GAP)

static const struct colour dark = {45, 45, 45}, middle = {80, 80, 80}, light = {135, 135, 135},
                           line = {205, 205, 205}, empty = {246, 246, 246};

/* The common size of all cells. */
struct grid {
    struct zoom zoom;
    int width, height; /* of a cell's image */
    int head;          /* scale of the names above the columns */
};

static void grow(struct grid *grid, const struct image *image) {
    if (!image) return;
    if (image->width > grid->width) grid->width = image->width;
    if (image->height > grid->height) grid->height = image->height;
}

/* From the largest width and height of the images to those of the cells. */
static void settle(struct grid *grid, int want) {
    if (grid->width == 0) grid->width = grid->height = 1;
    int side = grid->width > grid->height ? grid->width : grid->height;
    grid->zoom = canvas_zoom(side, want, ENLARGE);
    grid->width = canvas_length(grid->zoom, grid->width);
    grid->height = canvas_length(grid->zoom, grid->height);
    if (grid->width < CELL_LEAST) grid->width = CELL_LEAST;
    grid->head = 2;
}

static void draw_scaled(struct image *out, int x, int y, int width, const char *text, int scale,
                        struct colour colour) {
    char *fitted = font_fit(text, scale, width);
    font_draw(out, x, y, fitted, scale, colour);
    mem_free(fitted);
}

static void draw_text(struct image *out, int x, int y, int width, const char *text,
                      struct colour colour) {
    draw_scaled(out, x, y, width, text, 1, colour);
}

static void draw_title(struct image *out, const char *title) {
    if (title) draw_scaled(out, MARGIN, MARGIN, out->width - 2 * MARGIN, title, TITLE_SCALE, dark);
}

/* Names are large when `name` and all others fit that way. */
static void choose_head(struct grid *grid, const char *name) {
    if (font_width(name, 2) > grid->width) grid->head = 1;
}

static int head_height(const struct grid *grid) {
    return grid->head * FONT_HEIGHT + 4;
}

/* An image in its frame, or a grey field with a word in it. */
static void draw_cell(struct image *out, const struct grid *grid, int x, int y,
                      const struct image *image, const char *absent) {
    if (!image) {
        canvas_fill(out, x, y, grid->width, grid->height, empty);
        int indent = (grid->width - font_width(absent, 1)) / 2;
        draw_text(out, x + (indent > 0 ? indent : 0), y + (grid->height - FONT_HEIGHT) / 2,
                  grid->width, absent, light);
        return;
    }
    canvas_image(out, x, y, image, grid->zoom);
    canvas_frame(out, x, y, canvas_length(grid->zoom, image->width),
                 canvas_length(grid->zoom, image->height), line);
}

static void describe_zoom(struct zoom zoom, char text[64]) {
    text[0] = '\0';
    if (zoom.up > 1) snprintf(text, 64, "shown at %d times their size", zoom.up);
    if (zoom.down > 1) snprintf(text, 64, "shown at 1/%d of their size", zoom.down);
}

/* ---- the sheet of one input */

struct layout {
    struct grid grid;
    const struct image *reference; /* of the differences; NULL: none */
    bool has_side;                 /* a column for input and target */
    int columns, bands;            /* columns of variants in a band */
    int range;                     /* of the differences */
    int band_height, top;
};

static bool same_size(const struct image *a, const struct image *b) {
    return a && b && a->width == b->width && a->height == b->height;
}

/* One scale for all maps of the sheet. */
static int find_range(const struct sheet *sheet, const struct image *reference) {
    size_t counts[256] = {0};
    for (int i = 0; i < sheet->variant_count; i++) {
        const struct image *image = sheet->variants[i].image;
        if (!same_size(image, reference)) continue;
        struct heat heat = heat_measure(image, reference);
        for (int d = 0; d < 256; d++) counts[d] += heat.counts[d];
    }
    return heat_range(counts);
}

static struct layout plan(const struct sheet *sheet) {
    struct layout l = {.reference = sheet->target ? sheet->target : sheet->variants[0].image};
    grow(&l.grid, sheet->input);
    grow(&l.grid, sheet->target);
    for (int i = 0; i < sheet->variant_count; i++) grow(&l.grid, sheet->variants[i].image);
    settle(&l.grid, CELL_WANT);
    for (int i = 0; i < sheet->variant_count; i++) choose_head(&l.grid, sheet->variants[i].name);
    l.has_side = sheet->input || sheet->target;
    int room = (WIDTH_WANT - 2 * MARGIN) / (l.grid.width + GAP) - l.has_side;
    if (room < 1) room = 1;
    l.bands = (sheet->variant_count + room - 1) / room;
    l.columns = (sheet->variant_count + l.bands - 1) / l.bands; /* bands of about equal length */
    l.range = find_range(sheet, l.reference);
    /* Name, image, note, difference, note. */
    l.band_height = 2 * (head_height(&l.grid) + l.grid.height) + LABEL + GAP / 2;
    l.top = MARGIN + (sheet->title ? TITLE : 0);
    return l;
}

static int column_x(const struct layout *l, int column) {
    return MARGIN + column * (l->grid.width + GAP);
}

static int lower_y(const struct layout *l, int y) {
    return y + head_height(&l->grid) + l->grid.height + LABEL + GAP / 2;
}

/* Input above, target below it, beside every band. */
static void draw_side(struct image *out, const struct layout *l, const struct sheet *sheet, int y) {
    int x = column_x(l, 0), width = l->grid.width;
    if (sheet->input) {
        draw_scaled(out, x, y, width, "input", l->grid.head, middle);
        draw_cell(out, &l->grid, x, y + head_height(&l->grid), sheet->input, "");
    }
    if (sheet->target) {
        int lower = lower_y(l, y);
        draw_cell(out, &l->grid, x, lower, sheet->target, "");
        draw_scaled(out, x, lower + l->grid.height + 4, width, "target", l->grid.head, middle);
    }
}

static void draw_difference(struct image *out, const struct layout *l, int x, int y,
                            const struct image *image) {
    if (!same_size(image, l->reference)) {
        draw_cell(out, &l->grid, x, y, NULL,
                  image && l->reference ? "sizes differ" : "no difference");
        return;
    }
    struct heat heat = heat_measure(image, l->reference);
    struct image map = heat_draw(image, l->reference, l->range);
    draw_cell(out, &l->grid, x, y, &map, "");
    image_free(&map);
    char note[64] = "identical";
    if (heat.most > 0) snprintf(note, sizeof note, "mean %.2f, at most %d", heat.mean, heat.most);
    draw_text(out, x, y + l->grid.height + 4, l->grid.width, note, light);
}

static void draw_variant(struct image *out, const struct layout *l,
                         const struct sheet_variant *variant, bool is_reference, int x, int y) {
    int top = y + head_height(&l->grid), width = l->grid.width;
    draw_scaled(out, x, y, width, variant->name, l->grid.head, dark);
    draw_cell(out, &l->grid, x, top, variant->image, "no output");
    if (variant->note) draw_text(out, x, top + l->grid.height + 4, width, variant->note, light);
    if (is_reference) {
        draw_cell(out, &l->grid, x, lower_y(l, y), NULL, "the reference");
    } else {
        draw_difference(out, l, x, lower_y(l, y), variant->image);
    }
}

static void draw_legend(struct image *out, const struct layout *l, const struct sheet *sheet,
                        int y) {
    heat_legend(out, MARGIN, y, l->range);
    char zoom[64], text[160];
    describe_zoom(l->grid.zoom, zoom);
    snprintf(text, sizeof text, "than %s%s%s", sheet->target ? "the target" : "the first variant",
             zoom[0] ? "; images " : "", zoom);
    draw_text(out, MARGIN + HEAT_LEGEND_WIDTH + FONT_WIDTH, y + 2,
              out->width - 2 * MARGIN - HEAT_LEGEND_WIDTH - FONT_WIDTH, text, middle);
}

struct image sheet_draw(const struct sheet *sheet) {
    assert(sheet->variant_count > 0);
    struct layout l = plan(sheet);
    int width = 2 * MARGIN + (l.columns + l.has_side) * (l.grid.width + GAP) - GAP;
    int least = 2 * MARGIN + HEAT_LEGEND_WIDTH + 40 * FONT_WIDTH;
    int height = l.top + l.bands * (l.band_height + GAP) + HEAT_LEGEND_HEIGHT + MARGIN;
    struct image out = image_new(width > least ? width : least, height, 3, 255);
    draw_title(&out, sheet->title);
    for (int band = 0; band < l.bands; band++) {
        int y = l.top + band * (l.band_height + GAP);
        if (band > 0) canvas_fill(&out, MARGIN, y - GAP / 2 - 2, width - 2 * MARGIN, 1, line);
        if (l.has_side) draw_side(&out, &l, sheet, y);
        for (int c = 0; c < l.columns; c++) {
            int i = band * l.columns + c;
            bool is_reference = i == 0 && !sheet->target && l.reference;
            if (i < sheet->variant_count)
                draw_variant(&out, &l, &sheet->variants[i], is_reference,
                             column_x(&l, c + l.has_side), y);
        }
    }
    draw_legend(&out, &l, sheet, height - MARGIN - HEAT_LEGEND_HEIGHT);
    return out;
}

/* ---- the overview */

struct overview {
    struct grid grid;
    bool has_input, has_target;
    int columns;
};

static struct overview plan_overview(const char *const *variants, int variant_count,
                                     const struct sheet_row *rows, int row_count) {
    struct overview o = {.columns = variant_count};
    for (int r = 0; r < row_count; r++) {
        grow(&o.grid, rows[r].input);
        grow(&o.grid, rows[r].target);
        for (int v = 0; v < variant_count; v++) grow(&o.grid, rows[r].outputs[v]);
        o.has_input |= rows[r].input != NULL;
        o.has_target |= rows[r].target != NULL;
    }
    o.columns += o.has_input + o.has_target;
    int want = (WIDTH_WANT - 2 * MARGIN) / o.columns - GAP;
    if (want > CELL_WANT) want = CELL_WANT;
    settle(&o.grid, want > CELL_LEAST ? want : CELL_LEAST);
    for (int v = 0; v < variant_count; v++) choose_head(&o.grid, variants[v]);
    return o;
}

static void draw_heads(struct image *out, const struct overview *o, const char *const *variants,
                       int variant_count, int y) {
    const struct grid *grid = &o->grid;
    int x = MARGIN, step = grid->width + GAP;
    if (o->has_input) draw_scaled(out, x, y, grid->width, "input", grid->head, middle), x += step;
    if (o->has_target) draw_scaled(out, x, y, grid->width, "target", grid->head, middle), x += step;
    for (int v = 0; v < variant_count; v++, x += step)
        draw_scaled(out, x, y, grid->width, variants[v], grid->head, dark);
}

static void draw_row(struct image *out, const struct overview *o, int variant_count,
                     const struct sheet_row *row, int y) {
    int x = MARGIN, step = o->grid.width + GAP;
    if (o->has_input) draw_cell(out, &o->grid, x, y, row->input, "none"), x += step;
    if (o->has_target) draw_cell(out, &o->grid, x, y, row->target, "none"), x += step;
    for (int v = 0; v < variant_count; v++, x += step)
        draw_cell(out, &o->grid, x, y, row->outputs[v], "no output");
    draw_text(out, MARGIN, y + o->grid.height + 4, out->width - 2 * MARGIN, row->name, light);
}

struct image sheet_overview(const char *title, const char *const *variants, int variant_count,
                            const struct sheet_row *rows, int row_count) {
    assert(variant_count > 0 && row_count > 0);
    struct overview o = plan_overview(variants, variant_count, rows, row_count);
    int top = MARGIN + (title ? TITLE : 0), step = o.grid.height + LABEL + GAP / 2;
    int width = 2 * MARGIN + o.columns * (o.grid.width + GAP) - GAP;
    struct image out =
        image_new(width, top + head_height(&o.grid) + row_count * step + MARGIN, 3, 255);
    draw_title(&out, title);
    draw_heads(&out, &o, variants, variant_count, top);
    for (int r = 0; r < row_count; r++)
        draw_row(&out, &o, variant_count, &rows[r], top + head_height(&o.grid) + r * step);
    return out;
}
