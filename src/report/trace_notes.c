#include "report/trace_notes.h"

#include <string.h>

#include "report/words.h"

/* Takes `text` (freed) as a note; an empty one is none. */
static void add_note(struct trace_notes *notes, const char *label, struct text *text) {
    if (text->length) {
        mem_grow(&notes->notes, &notes->capacity, (size_t)notes->count + 1, sizeof *notes->notes);
        notes->notes[notes->count++] =
            (struct trace_note){label, arena_strdup(&notes->arena, text->s)};
    }
    text_free(text);
}

static void note_error(struct trace_notes *notes, const struct net *net) {
    if (net->ok) return;
    struct text t = {0};
    if (net->failed_block >= 0) text_add(&t, "%s: ", net->blocks[net->failed_block].name);
    text_put(&t, net->error);
    int more = 0;
    for (int i = 0; i < net->block_count; i++)
        more += net->blocks[i].join == JOIN_MISMATCH && i != net->failed_block;
    if (more) text_add(&t, "; %d more %s further out", more, more == 1 ? "join" : "joins");
    add_note(notes, "error", &t);
}

static void note_repairs(struct trace_notes *notes, const struct diagnosis *diagnosis) {
    for (int i = 0; i < diagnosis->count; i++) {
        struct text t = {0};
        text_add(&t, "%s (%s)", diagnosis->repairs[i].change, diagnosis->repairs[i].cost);
        add_note(notes, "fits with", &t);
    }
}

static void note_equal(struct trace_notes *notes, const struct trace *trace,
                       const struct trace_variant *v) {
    if (v->equal_to < 0) return;
    struct text t = {0};
    text_add(&t, "cannot differ from %s, given equal weights: %s",
             trace->variants[v->equal_to].net.name, v->equal_because);
    add_note(notes, "equal", &t);
    for (int i = 0; i < v->differs_count; i++) {
        text_put(&t, i ? " and " : "");
        words_size(&t, v->differs_at[i].h, v->differs_at[i].w);
    }
    if (v->differs_count == 0)
        text_add(&t, "no size up to %d times this one at which both fit", EQUAL_REACH);
    add_note(notes, "differs at", &t);
}

static void note_parting(struct trace_notes *notes, const struct trace *trace,
                         const struct trace_variant *v) {
    if (v->parts_from < 0 || v->parting.block < 0) return;
    struct text t = {0};
    int blocks = v->net.block_count;
    text_add(&t, "from %s at %s, %s; ", trace->variants[v->parts_from].net.name,
             v->net.blocks[v->parting.block].name, v->parting.stage);
    if (v->parting.shared_down == blocks) {
        text_put(&t, "the whole encoder");
    } else {
        text_add(&t, "%d of %d encoder levels", v->parting.shared_down, blocks);
    }
    text_add(&t, " and %d of %d decoder levels are shared", v->parting.shared_up, blocks);
    add_note(notes, "parts", &t);
}

static void note_counts(struct trace_notes *notes, const struct trace_variant *v) {
    struct text t = {0};
    if (trace_is_whole(v)) {
        words_count(&t, v->facts.parameters);
        text_put(&t, " parameters; MACs ");
        words_si(&t, (double)v->facts.macs.input);
        text_put(&t, " (transposed convolutions counted at their input), ");
        words_si(&t, (double)v->facts.macs.output);
        text_put(&t, " (at their output), ");
        words_si(&t, (double)v->facts.macs.effective);
        text_put(&t, " (effective: without padding and cropping); activations ");
        words_si(&t, (double)v->facts.activation_bytes);
        text_put(&t, "B, at most ");
        words_si(&t, (double)v->facts.peak_bytes);
        text_put(&t, "B at a time");
    }
    add_note(notes, "counts", &t);
}

static void put_taps(struct text *t, const char *block, const char *which, struct taps taps) {
    if (taps.live == taps.of) return;
    text_add(t, "%s%s %s %d of %d", t->length ? ", " : "", block, which, taps.live, taps.of);
}

static void note_dead(struct trace_notes *notes, const struct trace_variant *v) {
    struct text t = {0}, taps = {0};
    if (trace_is_whole(v) && v->facts.dead_weights) {
        for (int i = 0; i < v->net.block_count; i++) {
            const struct block_facts *facts = &v->facts.blocks[i];
            put_taps(&taps, v->net.blocks[i].name, "down", facts->down);
            put_taps(&taps, v->net.blocks[i].name, "up", facts->up);
        }
        words_count(&t, v->facts.dead_weights);
        text_put(&t, " weights (");
        words_percent(&t, (double)v->facts.dead_weights, (double)v->facts.conv_weights);
        text_put(&t, " of the convolutions') never meet data at this size");
        if (taps.length) text_add(&t, "; live taps: %s", taps.s);
    }
    add_note(notes, "dead", &t);
    text_free(&taps);
    if (v->trained && v->waking) {
        words_count(&t, v->waking);
        text_put(&t, " weights meet data here that none met at the trained size ");
        words_size(&t, v->config->trained_size.h, v->config->trained_size.w);
    }
    add_note(notes, "waking", &t);
}

/* Block, from -> to, by what, and how the decoder came to its size. */
static void put_resample(struct text *t, const struct trace *trace, const struct trace_variant *v,
                         int index) {
    const struct net_block *block = &v->net.blocks[index];
    const struct config_block *config = &v->config->blocks[index];
    struct shape from = block->join_from, to = block->join_to;
    int reads = index + 1 < v->net.block_count ? v->net.blocks[index + 1].out : block->styled;
    struct shape in = trace->graph.nodes[reads].out;
    bool height = from.h != to.h;
    char formula[128];
    net_decoder_formula(&config->up, height, height ? in.h : in.w, formula, sizeof formula);
    text_add(t, "%s%s ", t->length ? "; " : "", block->name);
    words_size(t, from.h, from.w);
    text_put(t, " -> ");
    words_size(t, to.h, to.w);
    text_add(t, " %s (x%.3g; %s)", config_fit_name(config->fit),
             height ? (double)to.h / from.h : (double)to.w / from.w, formula);
}

static void note_resamples(struct trace_notes *notes, const struct trace *trace,
                           const struct trace_variant *v) {
    struct text t = {0};
    for (int i = v->net.block_count - 1; i >= 0; i--)
        if (v->net.blocks[i].join == JOIN_RESAMPLED) put_resample(&t, trace, v, i);
    add_note(notes, "resampled", &t);
}

static void put_field(struct text *t, struct field field) {
    text_add(t, "%.0fx%.0f", field.height, field.width);
    if (field.whole) text_put(t, " by its convolutions, the whole image by norms or attention");
}

static void note_field(struct trace_notes *notes, const struct trace_variant *v) {
    struct text t = {0};
    if (v->net.ok) {
        struct field code = v->facts.blocks[v->net.block_count - 1].field;
        text_put(&t, "a position of the code sees ");
        put_field(&t, code);
        text_add(&t, ", jump %.4gx%.4g", code.jump_height, code.jump_width);
        text_put(&t, "; a pixel of the output sees ");
        put_field(&t, v->facts.field);
        text_add(&t, " of %dx%d", v->size.h, v->size.w);
    }
    add_note(notes, "field", &t);
}

/* How many taps an output position of phase p meets away from the borders: of the kernel places
 * p + padding, p + padding + stride, ... those below kernel. Unequal counts print a checkerboard.
 */
static void phase_counts(int kernel, int stride, int padding, int *least, int *most) {
    *least = kernel;
    *most = 0;
    for (int phase = 0; phase < stride; phase++) {
        int first = (phase + padding) % stride;
        int taps = first < kernel ? (kernel - 1 - first) / stride + 1 : 0;
        if (taps < *least) *least = taps;
        if (taps > *most) *most = taps;
    }
}

static void put_phases(struct text *t, const char *block, const char *axis, int kernel, int stride,
                       int padding) {
    int least, most;
    phase_counts(kernel, stride, padding, &least, &most);
    if (least == most) return;
    text_add(t, "%s%s: kernel %d with stride %d gives %s of the output %d to %d taps in turn",
             t->length ? "; " : "", block, kernel, stride, axis, least, most);
}

static void note_checkerboard(struct trace_notes *notes, const struct trace *trace,
                              const struct trace_variant *v) {
    struct text t = {0};
    for (int i = 0; i < v->net.block_count; i++) {
        const struct config_up *up = &v->config->blocks[i].up;
        int conv = v->net.blocks[i].up_conv;
        if (up->decoder != DECODER_CONV_TRANSPOSE || conv < 0) continue;
        struct extent acts = trace->graph.nodes[conv].stride; /* 1 where it cannot act */
        put_phases(&t, v->net.blocks[i].name, "rows", up->kernel.h, acts.h, up->padding.h);
        put_phases(&t, v->net.blocks[i].name, "columns", up->kernel.w, acts.w, up->padding.w);
    }
    add_note(notes, "uneven", &t);
}

void trace_notes_make(const struct trace *trace, const struct trace_variant *variant,
                      struct trace_notes *out) {
    *out = (struct trace_notes){0};
    note_error(out, &variant->net);
    note_repairs(out, &variant->diagnosis);
    note_equal(out, trace, variant);
    note_parting(out, trace, variant);
    note_resamples(out, trace, variant);
    note_checkerboard(out, trace, variant);
    if (variant->equal_to >= 0) return; /* the rest is that of the other */
    note_dead(out, variant);
    note_field(out, variant);
    note_counts(out, variant);
}

void trace_notes_free(struct trace_notes *notes) {
    mem_free(notes->notes);
    arena_free(&notes->arena);
    *notes = (struct trace_notes){0};
}
