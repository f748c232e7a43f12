/* The trace over many sizes: one row for each size and variant. */
#include "report/trace.h"

#include <inttypes.h>

#include "json/json_out.h"
#include "net/sizes.h"
#include "report/grid.h"
#include "report/words.h"

struct row {
    struct extent size;
    const struct net *net;
    const struct graph *graph;
    struct macs macs;
    int resamples;
    const char *equal_to; /* or NULL */
};

/* One of the formats' state; rows are added in turn. */
struct sink {
    enum trace_format format;
    struct text *out;
    struct json_out json;
    struct grid grid;
};

enum { SIZE, VARIANT, CODE, OUTPUT, RESULT, EQUAL, COLUMNS };
static const char *const headings[COLUMNS] = {"size",   "variant", "code",
                                              "output", "result",  "equal to"};

static struct shape code_of(const struct row *row) {
    int node = row->net->blocks[row->net->block_count - 1].encoded;
    return node >= 0 ? row->graph->nodes[node].out : (struct shape){0, 0, 0};
}

static const char *failed_block(const struct net *net) {
    return net->failed_block >= 0 ? net->blocks[net->failed_block].name : NULL;
}

static void add_grid(struct grid *grid, const struct row *row) {
    int r = grid_row(grid);
    struct text t = {0};
    words_size(&t, row->size.h, row->size.w);
    grid_set(grid, r, SIZE, &t);
    text_put(&t, row->net->name);
    grid_set(grid, r, VARIANT, &t);
    struct shape code = code_of(row);
    if (code.c) words_size(&t, code.h, code.w);
    grid_set(grid, r, CODE, &t);
    if (row->net->ok) words_size(&t, row->net->output.h, row->net->output.w);
    grid_set(grid, r, OUTPUT, &t);
    if (!row->net->ok) {
        const char *block = failed_block(row->net);
        text_add(&t, "does not fit%s%s", block ? " at " : "", block ? block : "");
    } else if (row->resamples) {
        text_add(&t, "resampled %d", row->resamples);
    } else {
        text_put(&t, "ok");
    }
    grid_set(grid, r, RESULT, &t);
    if (row->equal_to) text_put(&t, row->equal_to);
    grid_set(grid, r, EQUAL, &t);
}

static void add_csv(struct text *out, const struct row *row) {
    struct shape code = code_of(row), output = row->net->output;
    text_add(out, "%d,%d,", row->size.h, row->size.w);
    text_put_csv(out, row->net->name);
    text_add(out, ",%s,", row->net->ok ? "true" : "false");
    if (row->equal_to) text_put_csv(out, row->equal_to);
    if (code.c) {
        text_add(out, ",%d,%d,", code.h, code.w);
    } else {
        text_put(out, ",,,");
    }
    if (row->net->ok) {
        text_add(out, "%d,%d,%d,%" PRIu64 ",,", output.h, output.w, row->resamples,
                 row->macs.effective);
    } else {
        text_put(out, ",,,,");
        if (failed_block(row->net)) text_put_csv(out, failed_block(row->net));
        text_put(out, ",");
        text_put_csv(out, row->net->error);
    }
    text_put(out, "\n");
}

static void put_size(struct json_out *o, const char *key, int height, int width) {
    json_out_array(json_out_key(o, key));
    json_out_int(o, height);
    json_out_int(o, width);
    json_out_end(o);
}

static void add_json(struct json_out *o, const struct row *row) {
    struct shape code = code_of(row);
    json_out_object(json_out_line(o));
    put_size(o, "size", row->size.h, row->size.w);
    json_out_string(json_out_key(o, "name"), row->net->name);
    json_out_bool(json_out_key(o, "ok"), row->net->ok);
    json_out_string(json_out_key(o, "equal_to"), row->equal_to);
    if (code.c) put_size(o, "code", code.h, code.w);
    if (row->net->ok) {
        put_size(o, "output", row->net->output.h, row->net->output.w);
        json_out_int(json_out_key(o, "resamples"), row->resamples);
        json_out_uint(json_out_key(o, "macs_effective"), row->macs.effective);
    } else {
        json_out_string(json_out_key(o, "block"), failed_block(row->net));
        json_out_string(json_out_key(o, "message"), row->net->error);
    }
    json_out_end(o);
}

static void sink_start(struct sink *sink, enum trace_format format, struct text *out) {
    *sink = (struct sink){.format = format, .out = out};
    if (format == TRACE_CSV) {
        text_put(out, "height,width,variant,ok,equal_to,code_height,code_width,output_height,"
                      "output_width,resamples,macs_effective,failed_block,error\n");
    } else if (format == TRACE_JSON) {
        sink->json = json_out_start(out);
        json_out_object(&sink->json);
        json_out_string(json_out_key(&sink->json, "schema"), "stridelab.sweep/1");
        json_out_array(json_out_key(&sink->json, "rows"));
    } else {
        grid_start(&sink->grid, headings, COLUMNS, COLUMNS);
    }
}

static void sink_add(struct sink *sink, const struct row *row) {
    if (sink->format == TRACE_CSV) {
        add_csv(sink->out, row);
    } else if (sink->format == TRACE_JSON) {
        add_json(&sink->json, row);
    } else {
        add_grid(&sink->grid, row);
    }
}

static void sink_end(struct sink *sink, int columns) {
    if (sink->format == TRACE_JSON) {
        json_out_end(&sink->json);
        json_out_end(&sink->json);
    } else if (sink->format == TRACE_MD) {
        grid_md(&sink->grid, sink->out);
    } else if (sink->format != TRACE_CSV) {
        grid_table(&sink->grid, 0, columns, sink->out);
    }
    grid_free(&sink->grid);
}

static bool sweep_size(const struct config_variant *const *variants, int count, int height,
                       struct sink *sink) {
    struct graph graph = {0};
    struct net *nets = mem_array((size_t)count, sizeof *nets);
    bool ok = true;
    for (int i = 0; i < count; i++) {
        struct err err = {0};
        struct extent own = variants[i]->size;
        struct row row = {.net = &nets[i], .graph = &graph};
        row.size = own.h > 0 ? sizes_scaled(own, height) : (struct extent){height, height};
        net_build(&graph, variants[i], row.size, -2, NULL, NULL, &nets[i], &err);
        err_free(&err); /* without bind it cannot fail */
        row.macs = facts_macs(&graph, &nets[i]);
        for (int b = 0; b < nets[i].block_count; b++)
            row.resamples += nets[i].blocks[b].join == JOIN_RESAMPLED;
        for (int k = 0; k < i && !row.equal_to; k++)
            if (equal_nets(variants[k], &nets[k], variants[i], &nets[i]))
                row.equal_to = nets[k].name;
        sink_add(sink, &row);
        ok = ok && nets[i].ok;
    }
    for (int i = 0; i < count; i++) net_free(&nets[i]);
    mem_free(nets);
    graph_free(&graph);
    return ok;
}

bool trace_sweep(const struct config_variant *const *variants, int count, int from, int to,
                 int step, enum trace_format format, int columns, struct text *out) {
    struct sink sink;
    sink_start(&sink, format, out);
    bool ok = true;
    for (int64_t height = from; height <= to; height += step)
        ok = sweep_size(variants, count, (int)height, &sink) && ok;
    sink_end(&sink, columns);
    return ok;
}
