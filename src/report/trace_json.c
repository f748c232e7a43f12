/* The trace as JSON (interface.md, section 3). Sizes are [height, width], maps [channels, height,
 * width]; what was not reached is null. */
#include "report/trace.h"

#include "config/architecture.h"
#include "json/json_out.h"

static void put_ints(struct json_out *o, const char *key, const int *values, int count) {
    if (key) json_out_key(o, key);
    json_out_array(o);
    for (int i = 0; i < count; i++) json_out_int(o, values[i]);
    json_out_end(o);
}

static void put_extent(struct json_out *o, const char *key, struct extent e) {
    put_ints(o, key, (const int[]){e.h, e.w}, 2);
}

static void put_shape(struct json_out *o, const char *key, struct shape s) {
    put_ints(o, key, (const int[]){s.c, s.h, s.w}, 3);
}

static void put_node(struct json_out *o, const char *key, const struct graph *graph, int node) {
    if (node >= 0) {
        put_shape(o, key, graph->nodes[node].out);
    } else {
        json_out_null(json_out_key(o, key));
    }
}

static void put_pair(struct json_out *o, const char *key, double height, double width) {
    json_out_array(json_out_key(o, key));
    json_out_double(o, height);
    json_out_double(o, width);
    json_out_end(o);
}

static void put_act(struct json_out *o, enum act act, double slope) {
    json_out_string(json_out_key(o, "activation"), config_act_name(act));
    if (act == ACT_LEAKY_RELU) json_out_double(json_out_key(o, "slope"), slope);
}

static void put_down(struct json_out *o, const struct config_down *down) {
    json_out_object(json_out_line(json_out_key(o, "down")));
    put_act(o, down->activation, down->slope);
    put_extent(o, "kernel", down->kernel);
    put_extent(o, "stride", down->stride);
    put_extent(o, "padding", down->padding);
    json_out_bool(json_out_key(o, "bias"), down->bias);
    json_out_string(json_out_key(o, "norm"), config_norm_name(down->norm.type));
    json_out_end(o);
}

static void put_up(struct json_out *o, const struct config_up *up) {
    json_out_object(json_out_line(json_out_key(o, "up")));
    put_act(o, up->activation, up->slope);
    json_out_string(json_out_key(o, "decoder"), config_decoder_name(up->decoder));
    put_extent(o, "kernel", up->kernel);
    if (up->decoder == DECODER_CONV_TRANSPOSE) put_extent(o, "stride", up->stride);
    put_extent(o, "padding", up->padding);
    if (up->decoder == DECODER_CONV_TRANSPOSE) put_extent(o, "output_padding", up->output_padding);
    if (up->decoder == DECODER_UPSAMPLE_CONV || up->decoder == DECODER_PIXEL_SHUFFLE)
        put_extent(o, "scale", up->scale);
    if (up->decoder == DECODER_UPSAMPLE_CONV)
        json_out_string(json_out_key(o, "mode"), config_mode_name(up->mode));
    json_out_bool(json_out_key(o, "bias"), up->bias);
    json_out_string(json_out_key(o, "norm"), config_norm_name(up->norm.type));
    json_out_end(o);
}

static void put_macs(struct json_out *o, struct macs macs) {
    json_out_object(json_out_line(json_out_key(o, "macs")));
    json_out_uint(json_out_key(o, "input"), macs.input);
    json_out_uint(json_out_key(o, "output"), macs.output);
    json_out_uint(json_out_key(o, "effective"), macs.effective);
    json_out_end(o);
}

static void put_taps(struct json_out *o, const char *key, struct taps taps) {
    json_out_key(o, key);
    if (taps.of == 0) {
        json_out_null(o);
        return;
    }
    json_out_object(o);
    json_out_int(json_out_key(o, "live"), taps.live);
    json_out_int(json_out_key(o, "of"), taps.of);
    json_out_end(o);
}

static void put_field(struct json_out *o, struct field field) {
    json_out_key(o, "receptive_field");
    if (field.height == 0) {
        json_out_null(o);
        return;
    }
    json_out_object(json_out_line(o));
    put_pair(o, "size", field.height, field.width);
    put_pair(o, "jump", field.jump_height, field.jump_width);
    json_out_bool(json_out_key(o, "whole"), field.whole);
    json_out_end(o);
}

static void put_join(struct json_out *o, const struct net_block *block) {
    json_out_key(o, "join");
    if (block->decoded < 0) {
        json_out_null(o);
        return;
    }
    json_out_object(json_out_line(o));
    json_out_string(json_out_key(o, "status"), trace_join_name(block->join));
    put_shape(o, "from", block->join_from);
    put_shape(o, "to", block->join_to);
    json_out_end(o);
}

static void put_block(struct json_out *o, const struct graph *graph, const struct trace_variant *t,
                      int index) {
    const struct net_block *block = &t->net.blocks[index];
    const struct config_block *config = &t->config->blocks[index];
    const struct block_facts *facts = &t->facts.blocks[index];
    json_out_object(o);
    json_out_string(json_out_key(o, "name"), block->name);
    put_node(o, "in", graph, block->in);
    put_node(o, "encoded", graph, block->encoded);
    put_node(o, "decoded", graph, block->decoded);
    put_down(o, &config->down);
    put_up(o, &config->up);
    json_out_string(json_out_key(o, "skip"), config_skip_name(config->skip));
    json_out_string(json_out_key(o, "fit"), config_fit_name(config->fit));
    put_join(o, block);
    json_out_uint(json_out_key(o, "parameters"), facts->parameters);
    put_macs(o, facts->macs);
    put_field(o, facts->field);
    json_out_object(json_out_line(json_out_key(o, "live_taps")));
    put_taps(o, "down", facts->down);
    put_taps(o, "up", facts->up);
    json_out_end(o);
    json_out_end(o);
}

static void put_equality(struct json_out *o, const struct trace *trace,
                         const struct trace_variant *t) {
    json_out_string(json_out_key(o, "equal_to"),
                    t->equal_to >= 0 ? trace->variants[t->equal_to].net.name : NULL);
    json_out_string(json_out_key(o, "equal_because"), t->equal_because);
    json_out_key(o, "differs_at");
    if (t->equal_to < 0) {
        json_out_null(o);
        return;
    }
    json_out_array(json_out_line(o));
    for (int i = 0; i < t->differs_count; i++) put_extent(o, NULL, t->differs_at[i]);
    json_out_end(o);
}

static void put_error(struct json_out *o, const struct net *net,
                      const struct diagnosis *diagnosis) {
    json_out_key(o, "error");
    if (net->ok) {
        json_out_null(o);
        return;
    }
    json_out_object(o);
    json_out_string(json_out_key(o, "block"),
                    net->failed_block >= 0 ? net->blocks[net->failed_block].name : NULL);
    json_out_string(json_out_key(o, "message"), net->error);
    json_out_array(json_out_key(o, "repairs"));
    for (int i = 0; i < diagnosis->count; i++) {
        json_out_object(o);
        json_out_string(json_out_key(o, "change"), diagnosis->repairs[i].change);
        json_out_string(json_out_key(o, "cost"), diagnosis->repairs[i].cost);
        json_out_end(o);
    }
    json_out_end(o);
    json_out_end(o);
}

/* Sums over all blocks: null when building stopped before the last of them. */
static void put_totals(struct json_out *o, const struct trace_variant *t) {
    static const char *const keys[] = {"parameters",      "macs",         "resamples",
                                       "receptive_field", "dead_weights", "activation_bytes",
                                       "peak_bytes"};
    if (!trace_is_whole(t)) {
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            json_out_null(json_out_key(o, keys[i]));
        return;
    }
    json_out_uint(json_out_key(o, keys[0]), t->facts.parameters);
    put_macs(o, t->facts.macs);
    json_out_int(json_out_key(o, keys[2]), t->resamples);
    put_field(o, t->facts.field);
    json_out_object(json_out_line(json_out_key(o, keys[4])));
    json_out_uint(json_out_key(o, "count"), t->facts.dead_weights);
    json_out_uint(json_out_key(o, "of"), t->facts.conv_weights);
    json_out_key(o, "waking");
    if (t->trained) {
        json_out_uint(o, t->waking);
    } else {
        json_out_null(o);
    }
    json_out_end(o);
    json_out_uint(json_out_key(o, keys[5]), t->facts.activation_bytes);
    json_out_uint(json_out_key(o, keys[6]), t->facts.peak_bytes);
}

static void put_variant(struct json_out *o, const struct trace *trace,
                        const struct trace_variant *t) {
    char architecture[65];
    architecture_hash(t->config, architecture);
    json_out_object(o);
    json_out_string(json_out_key(o, "name"), t->net.name);
    json_out_string(json_out_key(o, "architecture"), architecture);
    put_extent(o, "size", t->size);
    json_out_bool(json_out_key(o, "ok"), t->net.ok);
    put_equality(o, trace, t);
    json_out_array(json_out_key(o, "blocks"));
    for (int i = 0; i < t->net.block_count; i++) put_block(o, &trace->graph, t, i);
    json_out_end(o);
    put_node(o, "output", &trace->graph, t->net.root);
    put_totals(o, t);
    put_error(o, &t->net, &t->diagnosis);
    json_out_end(o);
}

void trace_json(const struct trace *trace, struct text *out) {
    struct json_out o = json_out_start(out);
    json_out_object(&o);
    json_out_string(json_out_key(&o, "schema"), "stridelab.trace/1");
    json_out_array(json_out_key(&o, "variants"));
    for (int i = 0; i < trace->count; i++) put_variant(&o, trace, &trace->variants[i]);
    json_out_end(&o);
    json_out_end(&o);
}
