#include "report/explain.h"

#include <string.h>

#include "report/grid.h"
#include "report/trace_notes.h"
#include "report/words.h"

struct pair {
    const struct trace *trace;
    const struct trace_variant *a, *b;
    int columns;
    struct text *out;
};

/* Takes `line` (freed): one wrapped item. */
static void put_item(const struct pair *p, struct text *line) {
    words_wrap(p->out, "  ", line->s ? line->s : "", 4, p->columns);
    text_free(line);
}

static void put_keys(const struct pair *p) {
    struct arena arena = {0};
    struct config_difference *differences;
    int count = config_differences(p->a->config, p->b->config, &arena, &differences);
    text_put(p->out, count ? "\nTheir configs differ in\n" : "\nTheir configs do not differ.\n");
    for (int i = 0; i < count; i++) {
        struct text line = {0};
        text_add(&line, "%s: %s -> %s", differences[i].path, differences[i].a, differences[i].b);
        put_item(p, &line);
    }
    arena_free(&arena);
}

/* The notes of one variant that have one of these labels. */
static void put_notes(const struct pair *p, const struct trace_variant *v,
                      const char *const *labels, int count) {
    struct trace_notes notes;
    trace_notes_make(p->trace, v, &notes);
    for (int i = 0; i < notes.count; i++)
        for (int k = 0; k < count; k++) {
            if (strcmp(notes.notes[i].label, labels[k]) != 0) continue;
            struct text line = {0};
            text_add(&line, "%s: %s", notes.notes[i].label, notes.notes[i].text);
            put_item(p, &line);
        }
    trace_notes_free(&notes);
}

static void put_misfit(const struct pair *p, const struct trace_variant *v) {
    if (v->net.ok) return;
    text_add(p->out, "\n%s does not fit at %dx%d\n", v->net.name, v->size.h, v->size.w);
    put_notes(p, v, (const char *const[]){"error", "fits with"}, 2);
}

static void put_equality(const struct pair *p) {
    if (!p->a->net.ok || !p->b->net.ok) return;
    if (p->b->equal_to >= 0) {
        text_add(p->out, "\nThey cannot differ at %dx%d\n", p->a->size.h, p->a->size.w);
    } else {
        text_put(p->out, "\nThey compute different functions\n");
    }
    put_notes(p, p->b, (const char *const[]){"equal", "differs at", "parts"}, 3);
}

/* Shapes block by block, where they differ. */

static struct shape shape_of(const struct pair *p, int node) {
    return node >= 0 ? p->trace->graph.nodes[node].out : (struct shape){0, 0, 0};
}

static void put_shape(struct text *t, struct shape s) {
    if (s.c) {
        words_shape(t, s);
    } else {
        text_put(t, "not reached");
    }
}

static bool put_change(const struct pair *p, struct text *line, const char *what, int node_a,
                       int node_b) {
    struct shape a = shape_of(p, node_a), b = shape_of(p, node_b);
    if (a.c == b.c && a.h == b.h && a.w == b.w) return false;
    text_add(line, "%s%s ", line->length ? ", " : "", what);
    put_shape(line, a);
    text_put(line, " -> ");
    put_shape(line, b);
    return true;
}

static void put_blocks(const struct pair *p) {
    int count = p->a->net.block_count;
    if (p->b->net.block_count < count) count = p->b->net.block_count;
    bool any = false;
    for (int i = 0; i < count; i++) {
        const struct net_block *a = &p->a->net.blocks[i], *b = &p->b->net.blocks[i];
        struct text line = {0};
        put_change(p, &line, "reads", a->in, b->in);
        put_change(p, &line, "encoded", a->encoded, b->encoded);
        put_change(p, &line, "decoded", a->decoded, b->decoded);
        if (a->join != b->join)
            text_add(&line, "%sjoin %s -> %s", line.length ? ", " : "", trace_join_name(a->join),
                     trace_join_name(b->join));
        if (line.length) {
            if (!any) text_put(p->out, "\nTheir maps differ in\n");
            any = true;
            struct text named = {0};
            text_add(&named, "%s: %s", b->name, line.s);
            put_item(p, &named);
        }
        text_free(&line);
    }
}

/* Sums. */

static void put_sum(struct grid *grid, const char *what, double a, double b,
                    void (*words)(struct text *t, double value)) {
    int row = grid_row(grid);
    struct text t = {0};
    text_put(&t, what);
    grid_set(grid, row, 0, &t);
    words(&t, a);
    grid_set(grid, row, 1, &t);
    words(&t, b);
    grid_set(grid, row, 2, &t);
    if (a > 0 && a != b) text_add(&t, "%+.1f %%", 100 * (b - a) / a);
    grid_set(grid, row, 3, &t);
}

static void count_words(struct text *t, double value) {
    words_count(t, (uint64_t)value);
}

static void put_sums(const struct pair *p) {
    if (!trace_is_whole(p->a) || !trace_is_whole(p->b)) return;
    const struct facts *a = &p->a->facts, *b = &p->b->facts;
    const char *const headings[] = {"", p->a->net.name, p->b->net.name, ">"};
    struct grid grid;
    grid_start(&grid, headings, 4, 4);
    grid.right[1] = grid.right[2] = true;
    put_sum(&grid, "parameters", (double)a->parameters, (double)b->parameters, count_words);
    put_sum(&grid, "effective MACs", (double)a->macs.effective, (double)b->macs.effective,
            words_si);
    put_sum(&grid, "activation bytes", (double)a->activation_bytes, (double)b->activation_bytes,
            words_si);
    put_sum(&grid, "weights never reached", (double)a->dead_weights, (double)b->dead_weights,
            count_words);
    put_sum(&grid, "joins resampled", p->a->resamples, p->b->resamples, count_words);
    text_put(p->out, "\n");
    grid_table(&grid, 2, p->columns, p->out);
    grid_free(&grid);
}

/* Which weights of one have the same name and shape in the other. */
static void put_weights(const struct pair *p) {
    if (!trace_is_whole(p->a) || !trace_is_whole(p->b)) return;
    const struct net *a = &p->a->net, *b = &p->b->net;
    struct text line = {0}, only = {0};
    int shared = 0;
    for (int i = 0; i < b->slot_count; i++) {
        bool found = false;
        for (int k = 0; k < a->slot_count && !found; k++) found = a->slots[k] == b->slots[i];
        shared += found;
        if (!found)
            text_add(&only, "%s%s", only.length ? ", " : "",
                     p->trace->graph.slots[b->slots[i]].name);
    }
    text_add(&line, "%d of the %d weights of %s have the same name and shape in %s", shared,
             b->slot_count, b->name, a->name);
    if (only.length) text_add(&line, "; not so: %s", only.s);
    text_put(p->out, "\n");
    put_item(p, &line);
    text_free(&only);
}

void explain(const struct config_variant *a, const struct config_variant *b, struct extent size,
             int columns, struct text *out) {
    const struct config_variant *const both[] = {a, b};
    struct trace trace;
    trace_build(both, 2, size, &trace);
    struct pair p = {&trace, &trace.variants[0], &trace.variants[1], columns, out};
    text_add(out, "%s and %s at ", a->name, b->name);
    words_size(out, p.a->size.h, p.a->size.w);
    if (p.b->size.h != p.a->size.h || p.b->size.w != p.a->size.w) {
        text_put(out, " and ");
        words_size(out, p.b->size.h, p.b->size.w);
    }
    text_put(out, "\n");
    put_keys(&p);
    put_equality(&p);
    put_misfit(&p, p.a);
    put_misfit(&p, p.b);
    put_blocks(&p);
    put_sums(&p);
    put_weights(&p);
    trace_free(&trace);
}
