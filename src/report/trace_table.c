/* The trace as tables for a terminal, and as Markdown. */
#include "report/trace.h"

#include "report/grid.h"
#include "report/trace_notes.h"
#include "report/words.h"

enum { BLOCK, READS, DOWN, ENCODED, UP, DECODED, JOIN, MACS, PARAMETERS, TAPS, FIELD, COLUMNS };

static const char *const headings[COLUMNS] = {
    [BLOCK] = "block", [READS] = "reads",           [DOWN] = "down",
    [UP] = "up",       [ENCODED] = "encoded",       [DECODED] = "decoded",
    [JOIN] = "join",   [MACS] = ">effective MACs",  [PARAMETERS] = ">parameters",
    [TAPS] = "taps",   [FIELD] = "receptive field",
};

static void set_node(struct grid *grid, int row, int column, const struct graph *graph, int node) {
    struct text t = {0};
    if (node >= 0) {
        words_shape(&t, graph->nodes[node].out);
    } else {
        text_put(&t, "-");
    }
    grid_set(grid, row, column, &t);
}

static void set_join(struct grid *grid, int row, const struct net_block *block) {
    struct text t = {0};
    struct shape from = block->join_from, to = block->join_to;
    bool square = from.h == from.w && to.h == to.w;
    if (block->decoded < 0) {
        text_put(&t, "-");
    } else if (block->join == JOIN_OK) {
        text_put(&t, "ok");
    } else if (square) {
        text_add(&t, "%d %s %d", from.h, block->join == JOIN_RESAMPLED ? "->" : "!=", to.h);
    } else {
        text_add(&t, "%dx%d %s %dx%d", from.h, from.w,
                 block->join == JOIN_RESAMPLED ? "->" : "!=", to.h, to.w);
    }
    grid_set(grid, row, JOIN, &t);
}

static void set_facts(struct grid *grid, int row, const struct block_facts *facts) {
    struct text t = {0};
    words_si(&t, (double)facts->macs.effective);
    grid_set(grid, row, MACS, &t);
    words_count(&t, facts->parameters);
    grid_set(grid, row, PARAMETERS, &t);
    if (facts->down.of) text_add(&t, "%d/%d", facts->down.live, facts->down.of);
    if (facts->up.of) text_add(&t, " %d/%d", facts->up.live, facts->up.of);
    grid_set(grid, row, TAPS, &t);
    if (facts->field.height > 0)
        text_add(&t, "%.0fx%.0f%s", facts->field.height, facts->field.width,
                 facts->field.whole ? " (whole)" : "");
    grid_set(grid, row, FIELD, &t);
}

static void fill_grid(const struct trace *trace, const struct trace_variant *v, struct grid *grid) {
    grid_start(grid, headings, COLUMNS, MACS);
    for (int i = 0; i < v->net.block_count; i++) {
        const struct net_block *block = &v->net.blocks[i];
        const struct config_block *config = &v->config->blocks[i];
        int row = grid_row(grid);
        struct text t = {0};
        text_put_terminal(&t, block->name);
        grid_set(grid, row, BLOCK, &t);
        set_node(grid, row, READS, &trace->graph, block->in);
        words_down(&t, &config->down);
        grid_set(grid, row, DOWN, &t);
        set_node(grid, row, ENCODED, &trace->graph, block->encoded);
        words_up(&t, &config->up);
        grid_set(grid, row, UP, &t);
        set_node(grid, row, DECODED, &trace->graph, block->decoded);
        set_join(grid, row, block);
        set_facts(grid, row, &v->facts.blocks[i]);
    }
}

/* "256x256 -> 1x256x256", "256x256: does not fit" */
static void put_result(struct text *t, const struct trace_variant *v) {
    words_size(t, v->size.h, v->size.w);
    if (!v->net.ok) {
        text_put(t, ": does not fit");
        return;
    }
    text_put(t, " -> ");
    words_shape(t, v->net.output);
    if (v->resamples)
        text_add(t, ", resampled %d %s", v->resamples, v->resamples == 1 ? "time" : "times");
}

static void put_notes(const struct trace *trace, const struct trace_variant *v, bool md,
                      int columns, struct text *out) {
    struct trace_notes notes;
    trace_notes_make(trace, v, &notes);
    for (int i = 0; i < notes.count; i++) {
        if (md) {
            text_add(out, "- %s: %s\n", notes.notes[i].label, notes.notes[i].text);
            continue;
        }
        struct text first = {0};
        text_add(&first, "  %s: ", notes.notes[i].label);
        words_wrap(out, first.s, notes.notes[i].text, 4, columns);
        text_free(&first);
    }
    trace_notes_free(&notes);
}

void trace_table(const struct trace *trace, int columns, struct text *out) {
    if (columns > 0 && columns < 80) columns = 80;
    for (int i = 0; i < trace->count; i++) {
        const struct trace_variant *v = &trace->variants[i];
        text_add(out, "%s%s  ", i ? "\n" : "", v->net.name);
        put_result(out, v);
        text_put(out, "\n");
        if (v->equal_to < 0) {
            struct grid grid;
            fill_grid(trace, v, &grid);
            grid_table(&grid, 2, columns, out);
            grid_free(&grid);
        }
        put_notes(trace, v, false, columns, out);
    }
}

void trace_md(const struct trace *trace, struct text *out) {
    for (int i = 0; i < trace->count; i++) {
        const struct trace_variant *v = &trace->variants[i];
        text_add(out, "%s### %s\n\n", i ? "\n" : "", v->net.name);
        put_result(out, v);
        text_put(out, "\n\n");
        if (v->equal_to < 0) {
            struct grid grid;
            fill_grid(trace, v, &grid);
            grid_md(&grid, out);
            grid_free(&grid);
            text_put(out, "\n");
        }
        put_notes(trace, v, true, 0, out);
    }
}
