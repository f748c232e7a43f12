/* Checkpoints made by hand, with the names and shapes of the sources' generators, for tests. Widths
 * are small: channels from the outermost block inwards are NGF x 1, 2, 4, 8, 8 ... */
#ifndef ENGINE_BIND_FIXTURE_H
#define ENGINE_BIND_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "weights/checkpoint.h"

#define NGF 4

struct fake { /* a checkpoint being made; start it zeroed */
    struct checkpoint checkpoint;
    size_t capacity;
    const char *before; /* put before every name, "" or "module." */
};

static inline int fake_channels(int block) {
    return NGF << (block < 3 ? block : 3);
}

/* Adds a tensor whose values are all its number in the file. */
static inline struct tensor *fake_add(struct fake *f, const char *name, int rank, const int *dims) {
    struct checkpoint *c = &f->checkpoint;
    mem_grow(&c->tensors, &f->capacity, (size_t)c->tensor_count + 1, sizeof *c->tensors);
    struct tensor *t = &c->tensors[c->tensor_count++];
    *t = (struct tensor){.rank = rank, .count = 1};
    t->name = arena_printf(&c->arena, "%s%s", f->before ? f->before : "", name);
    for (int i = 0; i < rank; i++) {
        t->dims[i] = dims[i];
        t->count *= (size_t)dims[i];
    }
    float *data = arena_alloc(&c->arena, t->count * sizeof *data);
    for (size_t i = 0; i < t->count; i++) data[i] = (float)c->tensor_count;
    t->data = data;
    return t;
}

/* "<prefix>.<step>.<leaf>" */
static inline struct tensor *fake_leaf(struct fake *f, const char *prefix, const char *step,
                                       const char *leaf, int rank, const int *dims) {
    return fake_add(f, arena_printf(&f->checkpoint.arena, "%s.%s.%s", prefix, step, leaf), rank,
                    dims);
}

static inline void fake_conv(struct fake *f, const char *prefix, const char *step, int a, int b,
                             int kernel, int bias) {
    fake_leaf(f, prefix, step, "weight", 4, (const int[]){a, b, kernel, kernel});
    if (bias) fake_leaf(f, prefix, step, "bias", 1, &bias);
}

static inline void fake_linear(struct fake *f, const char *prefix, const char *step, int out,
                               int in) {
    fake_leaf(f, prefix, step, "weight", 2, (const int[]){out, in});
    fake_leaf(f, prefix, step, "bias", 1, &out);
}

static inline void fake_affine(struct fake *f, const char *prefix, const char *step, int channels) {
    fake_leaf(f, prefix, step, "weight", 1, &channels);
    fake_leaf(f, prefix, step, "bias", 1, &channels);
}

static inline void fake_batch_norm(struct fake *f, const char *prefix, const char *step,
                                   int channels) {
    fake_affine(f, prefix, step, channels);
    fake_leaf(f, prefix, step, "running_mean", 1, &channels);
    fake_leaf(f, prefix, step, "running_var", 1, &channels);
    struct tensor *t = fake_leaf(f, prefix, step, "num_batches_tracked", 0, NULL);
    t->dtype = DTYPE_I64;
    t->data = NULL;
}

static inline void fake_attention(struct fake *f, const char *prefix, const char *as,
                                  const char *ending, int channels, int reduction) {
    static const char *const parts[] = {"query", "key", "value"};
    for (int i = 0; i < 3; i++) {
        int out = i == 2 ? channels : channels / reduction;
        const char *step = arena_printf(&f->checkpoint.arena, "%s.%s%s", as, parts[i], ending);
        fake_conv(f, prefix, step, out, channels, 1, out);
    }
    fake_leaf(f, prefix, as, "gamma", 1, (const int[]){1});
}

/* zi2zi's prefix of a block: "model" and a ".submodule" for every step inwards. */
static inline void fake_prefix(char *out, int block) {
    strcpy(out, "model");
    for (int i = 0; i < block; i++) strcat(out, ".submodule");
}

static inline int fake_by_name(const void *a, const void *b, void *context) {
    const struct checkpoint *c = context;
    return strcmp(c->tensors[*(const int *)a].name, c->tensors[*(const int *)b].name);
}

/* The finished checkpoint; *f is empty afterwards. */
static inline struct checkpoint fake_finish(struct fake *f, const char *path) {
    struct checkpoint c = f->checkpoint;
    *f = (struct fake){0};
    c.path = arena_strdup(&c.arena, path);
    strcpy(c.sha256, "0");
    c.by_name = mem_array((size_t)c.tensor_count, sizeof *c.by_name);
    for (int i = 0; i < c.tensor_count; i++) c.by_name[i] = i;
    qsort_r(c.by_name, (size_t)c.tensor_count, sizeof *c.by_name, fake_by_name, &c);
    return c;
}

/* A: zi2zi of 2020. */
static inline void fake_zi2zi_2020(struct fake *f, int blocks, int rows, int dim) {
    char p[512];
    for (int i = 0; i < blocks; i++) {
        int c = fake_channels(i), x = i ? fake_channels(i - 1) : 1;
        int read = i == blocks - 1 ? c + dim : 2 * c;
        fake_prefix(p, i);
        fake_conv(f, p, i ? "down.1" : "down.0", c, x, 4, 0);
        if (i && i < blocks - 1) fake_batch_norm(f, p, "down.2", c);
        fake_conv(f, p, "up.1", read, x, 4, i ? 0 : x);
        if (i) fake_batch_norm(f, p, "up.2", x);
    }
    fake_add(f, "embedder.weight", 2, (const int[]){rows, dim});
}

/* B: zi2zi of March 2025; attention on encoded at levels 4 and 6, level 1 being the innermost and
 * the four outermost 5 to 8: with 8 blocks, blocks 4 and 2 from 0. */
static inline void fake_zi2zi_2025_03(struct fake *f, int rows, int dim) {
    char p[512];
    for (int i = 0; i < 8; i++) {
        int c = fake_channels(i), x = i ? fake_channels(i - 1) : 1;
        int read = i == 7 ? c + dim : 2 * c;
        fake_prefix(p, i);
        fake_conv(f, p, i ? "down.1" : "down.0", c, x, 4, c);
        fake_conv(f, p, "up.1", read, x, 4, x);
        if (i == 2 || i == 4) fake_attention(f, p, "self_attn", "", c, 8);
        if (i && i < 7) {
            fake_conv(f, p, "res_skip.conv", x, x, 3, x);
            fake_affine(f, p, "res_skip.norm", x);
        }
    }
    fake_add(f, "embedder.weight", 2, (const int[]){rows, dim});
}

static inline void fake_two_layers(struct fake *f, const char *prefix, const char *as, int c) {
    static const char *const leaves[] = {"conv1", "norm1", "conv2", "norm2"};
    for (int i = 0; i < 4; i++) {
        const char *name = arena_printf(&f->checkpoint.arena, "%s.%s", as, leaves[i]);
        if (i % 2 == 0)
            fake_conv(f, prefix, name, c, c, 3, 0);
        else
            fake_affine(f, prefix, name, c);
    }
}

/* C: zi2zi of April 2025; `form` is 'a' (transposed), 'b' (upsample) or 'c' (pixelshuffle).
 * Attention on x at block 3, residual blocks at levels 4 to 7: blocks 1 to 4. */
static inline void fake_zi2zi_2025_04(struct fake *f, char form, int rows, int dim) {
    char p[512];
    for (int i = 0; i < 8; i++) {
        int c = fake_channels(i), x = i ? fake_channels(i - 1) : 1, inner = i == 7;
        int read = inner ? c : 2 * c;
        fake_prefix(p, i);
        fake_conv(f, p, i ? "down.1" : "down.0", c, x, inner ? 3 : 4, c);
        if (form == 'a') fake_conv(f, p, "up.1", read, x, 4, x);
        if (form == 'b') {
            fake_conv(f, p, "up.1.upsample.1", x, read, 3, x);
            fake_conv(f, p, "up.1.fusion_conv", x, x, 3, x);
        }
        if (form == 'c') {
            fake_conv(f, p, "up.1.conv", 4 * x, read, 3, 0);
            fake_conv(f, p, "up.1.post_conv.0", x, x, 3, 0);
            fake_affine(f, p, "up.1.post_conv.1", x);
            fake_two_layers(f, p, "up.1.post_conv.3", x);
        }
        if (i == 3) fake_attention(f, p, "attn_block", "", x, 8);
        if (i >= 1 && i <= 4) fake_two_layers(f, p, "res_skip", x);
        if (!inner) continue;
        fake_leaf(f, p, "transformer_block.attn", "in_proj_weight", 2, (const int[]){3 * c, c});
        fake_leaf(f, p, "transformer_block.attn", "in_proj_bias", 1, (const int[]){3 * c});
        fake_linear(f, p, "transformer_block.attn.out_proj", c, c);
        fake_linear(f, p, "transformer_block.ffn.0", 4 * c, c);
        fake_linear(f, p, "transformer_block.ffn.2", c, 4 * c);
        fake_affine(f, p, "transformer_block.norm1", c);
        fake_affine(f, p, "transformer_block.norm2", c);
        fake_linear(f, p, "film.film", 2 * c, dim);
    }
    fake_add(f, "embedder.weight", 2, (const int[]){rows, dim});
}

/* D: pixel shuffle; attention on encoded, of 2026-03 at blocks 3 and 2 (4ngf to 8ngf, 2ngf to
 * 4ngf), else at the innermost and block 4. */
static inline void fake_zi2zi_shuffle(struct fake *f, bool march_2026, int rows, int dim) {
    char p[512];
    for (int i = 0; i < 8; i++) {
        int c = fake_channels(i), x = i ? fake_channels(i - 1) : 1;
        fake_prefix(p, i);
        fake_conv(f, p, i ? "down.1" : "down.0", c, x, 4, 0);
        if (i && i < 7) fake_batch_norm(f, p, "down.2", c);
        fake_conv(f, p, "up.1", 4 * x, i == 7 ? c + dim : c, 3, i ? 0 : 4 * x);
        if (i) fake_batch_norm(f, p, "up.3", x);
        if (march_2026 ? i == 2 || i == 3 : i == 7 || i == 4)
            fake_attention(f, p, "att", "_conv", c, 8);
    }
    fake_add(f, "embedder.weight", 2, (const int[]){rows, dim});
}

/* E: pix2pix, RGB. */
static inline void fake_pix2pix(struct fake *f, int blocks) {
    char p[512] = "model.model";
    for (int i = 0; i < blocks; i++) {
        bool inner = i == blocks - 1;
        int c = fake_channels(i), x = i ? fake_channels(i - 1) : 3, read = inner ? c : 2 * c;
        fake_conv(f, p, i ? "1" : "0", c, x, 4, 0);
        if (i && !inner) fake_batch_norm(f, p, "2", c);
        fake_conv(f, p, i && !inner ? "5" : "3", read, x, 4, i ? 0 : x);
        if (i) fake_batch_norm(f, p, inner ? "4" : "6", x);
        strcat(p, i ? ".3.model" : ".1.model");
    }
}

#endif
