/* The trace as CSV: one row for each variant and block; a cell is empty where it was not reached.
 */
#include "report/trace.h"

#include <inttypes.h>

static void put_shape(struct text *out, const struct graph *graph, int node) {
    if (node < 0) {
        text_put(out, ",,,");
        return;
    }
    struct shape s = graph->nodes[node].out;
    text_add(out, ",%d,%d,%d", s.c, s.h, s.w);
}

static void put_taps(struct text *out, struct taps taps) {
    if (taps.of) {
        text_add(out, ",%d,%d", taps.live, taps.of);
    } else {
        text_put(out, ",,");
    }
}

static void put_join(struct text *out, const struct net_block *block) {
    if (block->decoded < 0) {
        text_put(out, ",,,,,");
        return;
    }
    text_add(out, ",%s,%d,%d,%d,%d", trace_join_name(block->join), block->join_from.h,
             block->join_from.w, block->join_to.h, block->join_to.w);
}

static void put_block(struct text *out, const struct trace *trace, const struct trace_variant *v,
                      int index) {
    const struct net_block *block = &v->net.blocks[index];
    const struct block_facts *facts = &v->facts.blocks[index];
    text_put_csv(out, v->net.name);
    text_add(out, ",%d,%d,%s,", v->size.h, v->size.w, v->net.ok ? "true" : "false");
    if (v->equal_to >= 0) text_put_csv(out, trace->variants[v->equal_to].net.name);
    text_put(out, ",");
    text_put_csv(out, block->name);
    put_shape(out, &trace->graph, block->in);
    put_shape(out, &trace->graph, block->encoded);
    put_shape(out, &trace->graph, block->decoded);
    put_join(out, block);
    text_add(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, facts->parameters,
             facts->macs.input, facts->macs.output, facts->macs.effective);
    if (facts->field.height > 0) {
        text_add(out, ",%.0f,%.0f,%s", facts->field.height, facts->field.width,
                 facts->field.whole ? "true" : "false");
    } else {
        text_put(out, ",,,");
    }
    put_taps(out, facts->down);
    put_taps(out, facts->up);
    text_put(out, ",");
    if (index == v->net.failed_block) text_put_csv(out, v->net.error);
    text_put(out, "\n");
}

void trace_csv(const struct trace *trace, struct text *out) {
    text_put(out, "variant,height,width,ok,equal_to,block,in_channels,in_height,in_width,"
                  "encoded_channels,encoded_height,encoded_width,decoded_channels,decoded_height,"
                  "decoded_width,join,join_from_height,join_from_width,join_to_height,"
                  "join_to_width,parameters,macs_input,macs_output,macs_effective,field_height,"
                  "field_width,field_whole,down_live,down_of,up_live,up_of,error\n");
    for (int i = 0; i < trace->count; i++)
        for (int b = 0; b < trace->variants[i].net.block_count; b++)
            put_block(out, trace, &trace->variants[i], b);
}
