/* The trace as a picture: each variant as the U that it is, encoder at the left, decoder at the
 * right, skips between them, made for print (no script, no external font). */
#include "report/trace.h"

#include <math.h>
#include <string.h>

#include "report/words.h"

#define WIDTH  800.0
#define ROW    62.0
#define HEADER 56.0
#define SIDE   92.0  /* centre of the outermost boxes from the edge */
#define INNER  115.0 /* of the innermost ones from the middle */

#define INK      "#1f2937"
#define ENCODER  "#bfd7ea"
#define DECODER  "#f6d8b4"
#define CODE     "#d9c8ea"
#define RESAMPLE "#c2570c"
#define MISMATCH "#b91c1c"
#define CHANGED  "#6d28d9"

struct box {
    double x, y, w, h; /* centre and size */
};

struct picture {
    const struct trace *trace;
    const struct trace_variant *v;
    const struct trace_variant *beside; /* what differs from this one is marked; NULL: nothing */
    struct text *out;
    double top;
};

/* A map's box: wider with more channels, taller with more rows. */
static struct box box_at(double x, double y, struct shape s) {
    return (struct box){x, y, 14 + 5 * log2(s.c), 8 + 2.2 * log2(s.h)};
}

static double row_y(const struct picture *p, int row) {
    return p->top + HEADER + 30 + row * ROW;
}

/* The innermost boxes leave room for their join's label; the code stands in the middle. */
static double column_x(const struct picture *p, int row, bool right) {
    int count = p->v->net.block_count;
    if (row == count) return WIDTH / 2;
    double step = count > 1 ? (WIDTH / 2 - SIDE - INNER) / (count - 1) : 0, x = SIDE + row * step;
    return right ? WIDTH - x : x;
}

static void put_text(struct text *out, double x, double y, const char *anchor, const char *colour,
                     const char *s) {
    text_add(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">", x, y, anchor,
             colour);
    text_put_html(out, s);
    text_put(out, "</text>\n");
}

/* The same in bold and another colour where the variant differs from the one beside it. */
static void put_label(struct text *out, double x, double y, const char *anchor, bool changed,
                      const char *s) {
    if (changed) text_put(out, "<g font-weight=\"bold\">");
    put_text(out, x, y, anchor, changed ? CHANGED : INK, s);
    if (changed) text_put(out, "</g>\n");
}

static void put_line(struct text *out, double x1, double y1, double x2, double y2,
                     const char *colour, bool dashed) {
    text_add(out,
             "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"%s "
             "marker-end=\"url(#arrow-%s)\"/>\n",
             x1, y1, x2, y2, colour, dashed ? " stroke-dasharray=\"5 4\"" : "", colour + 1);
}

/* `twin` is the map at its place in the variant beside, -1 without one. */
static struct box put_map(const struct picture *p, double x, double y, int node, int twin,
                          const char *colour) {
    struct shape s = p->trace->graph.nodes[node].out;
    struct box b = box_at(x, y, s);
    struct shape t = twin < 0 ? s : p->trace->graph.nodes[twin].out;
    bool changed = s.c != t.c || s.h != t.h || s.w != t.w;
    text_add(p->out,
             "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"2\" fill=\"%s\" "
             "stroke=\"%s\"/>\n",
             b.x - b.w / 2, b.y - b.h / 2, b.w, b.h, colour, changed ? CHANGED : INK);
    struct text label = {0};
    words_shape(&label, s);
    put_label(p->out, x, y - b.h / 2 - 4, "middle", changed, label.s);
    text_free(&label);
    return b;
}

/* From one row to the next; the arrow leaves room for the upper label of the box below. `twin` is
 * the label in the variant beside, empty without one. */
static void put_step(const struct picture *p, struct box from, struct box to, bool right,
                     struct text *label, struct text *twin) {
    bool down = to.y > from.y;
    put_line(p->out, from.x, from.y + (down ? from.h / 2 + 2 : -from.h / 2 - 16), to.x,
             to.y + (down ? -to.h / 2 - 17 : to.h / 2 + 3), INK, false);
    bool changed = twin->s && strcmp(twin->s, label->s) != 0;
    put_label(p->out, (from.x + to.x) / 2 + (right ? 10 : -10), (from.y + to.y) / 2 + 4,
              right ? "start" : "end", changed, label->s);
    text_free(label);
    text_free(twin);
}

static void put_skip(const struct picture *p, int index, struct box left, struct box right) {
    const struct net_block *block = &p->v->net.blocks[index];
    const struct config_block *config = &p->v->config->blocks[index];
    if (index == 0 && block->join == JOIN_OK) return;
    if (index > 0 && config->skip == SKIP_NONE && block->join == JOIN_OK) return;
    static const char *const colours[] = {
        [JOIN_OK] = INK, [JOIN_RESAMPLED] = RESAMPLE, [JOIN_MISMATCH] = MISMATCH};
    struct text label = {0};
    text_put(&label, index == 0 ? "the image" : config_skip_name(config->skip));
    if (block->join != JOIN_OK) {
        struct shape from = block->join_from, to = block->join_to;
        text_put(&label, ": ");
        words_size(&label, from.h, from.w);
        text_put(&label, block->join == JOIN_RESAMPLED ? " -> " : " != ");
        words_size(&label, to.h, to.w);
        if (block->join == JOIN_RESAMPLED) text_add(&label, " %s", config_fit_name(config->fit));
    }
    put_line(p->out, left.x + left.w / 2 + 4, left.y, right.x - right.w / 2 - 6, right.y,
             colours[block->join], true);
    put_text(p->out, WIDTH / 2, left.y - 5, "middle", colours[block->join], label.s);
    text_free(&label);
}

static void put_header(const struct picture *p) {
    const struct trace_variant *v = p->v;
    struct text line = {0};
    text_add(p->out, "<g font-size=\"15\" font-weight=\"bold\">\n");
    put_text(p->out, 16, p->top + 24, "start", INK, v->net.name);
    text_put(p->out, "</g>\n");
    if (v->equal_to >= 0) {
        text_add(&line, "cannot differ from %s, given equal weights",
                 p->trace->variants[v->equal_to].net.name);
    } else if (trace_is_whole(v)) {
        words_count(&line, v->facts.parameters);
        text_put(&line, " parameters, ");
        words_si(&line, (double)v->facts.macs.effective);
        text_put(&line, " effective MACs");
    }
    if (v->net.ok && v->resamples) text_add(&line, ", resampled %d", v->resamples);
    if (!v->net.ok) text_add(&line, "%sdoes not fit", line.length ? ", " : "");
    put_text(p->out, 16, p->top + 42, "start", v->net.ok ? INK : MISMATCH, line.s);
    text_free(&line);
    if (!p->beside) return;
    text_add(&line, "bold: other than in %s", p->beside->net.name);
    put_text(p->out, WIDTH - 16, p->top + 42, "end", CHANGED, line.s);
    text_free(&line);
}

/* The map at the left of `row`: what a block reads, or below them the code. */
static int left_node(const struct net *net, int row) {
    int count = net->block_count;
    return row < count ? net->blocks[row].in : net->blocks[count - 1].encoded;
}

static void put_variant(const struct picture *p) {
    const struct net *net = &p->v->net;
    int count = net->block_count;
    put_header(p);
    struct box *left = mem_array((size_t)count + 1, sizeof *left);
    for (int i = 0; i <= count && left_node(net, i) >= 0; i++) {
        int twin = p->beside ? left_node(&p->beside->net, i) : -1;
        left[i] = put_map(p, column_x(p, i, false), row_y(p, i), left_node(net, i), twin,
                          i < count ? ENCODER : CODE);
        if (i == 0) continue;
        struct text label = {0}, other = {0};
        words_down(&label, &p->v->config->blocks[i - 1].down);
        if (p->beside) words_down(&other, &p->beside->config->blocks[i - 1].down);
        put_step(p, left[i - 1], left[i], false, &label, &other);
    }
    struct box inner = left[count];
    for (int i = count - 1; i >= 0 && net->blocks[i].decoded >= 0; i--) {
        int twin = p->beside ? p->beside->net.blocks[i].decoded : -1;
        struct box right =
            put_map(p, column_x(p, i, true), row_y(p, i), net->blocks[i].decoded, twin, DECODER);
        struct text label = {0}, other = {0};
        words_up(&label, &p->v->config->blocks[i].up);
        if (p->beside) words_up(&other, &p->beside->config->blocks[i].up);
        put_step(p, inner, right, true, &label, &other);
        put_skip(p, i, left[i], right);
        inner = right;
    }
    mem_free(left);
}

/* The variant that this one parts from, when their blocks can stand beside one another. */
static const struct trace_variant *find_beside(const struct trace *trace,
                                               const struct trace_variant *v) {
    if (v->parts_from < 0) return NULL;
    const struct trace_variant *beside = &trace->variants[v->parts_from];
    return beside->net.block_count == v->net.block_count ? beside : NULL;
}

static double variant_height(const struct trace_variant *v) {
    return v->equal_to >= 0 ? HEADER : HEADER + 60 + v->net.block_count * ROW;
}

static void put_arrow_head(struct text *out, const char *colour) {
    text_add(out,
             "<marker id=\"arrow-%s\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" "
             "markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
             "<path d=\"M0 0 L8 4 L0 8 z\" fill=\"%s\"/></marker>\n",
             colour + 1, colour);
}

void trace_svg(const struct trace *trace, struct text *out) {
    double height = 0;
    for (int i = 0; i < trace->count; i++) height += variant_height(&trace->variants[i]);
    text_add(out,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
             "viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" font-size=\"11\">\n<defs>\n",
             WIDTH, height, WIDTH, height);
    put_arrow_head(out, INK);
    put_arrow_head(out, RESAMPLE);
    put_arrow_head(out, MISMATCH);
    text_put(out, "</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    struct picture p = {.trace = trace, .out = out};
    for (int i = 0; i < trace->count; i++) {
        p.v = &trace->variants[i];
        p.beside = find_beside(trace, p.v);
        if (p.v->equal_to >= 0) {
            put_header(&p);
        } else {
            put_variant(&p);
        }
        p.top += variant_height(p.v);
    }
    text_put(out, "</svg>\n");
}
