/* Variants made by hand, for tests. */
#ifndef NET_FIXTURE_H
#define NET_FIXTURE_H

#include <stdio.h>

#include "net/net.h"

#define FIXTURE_BLOCKS 12

struct fixture {
    struct config_variant variant;
    struct config_block blocks[FIXTURE_BLOCKS];
    char names[FIXTURE_BLOCKS][16];
};

static inline struct extent square(int size) {
    return (struct extent){size, size};
}

static inline struct config_block fixture_block(const char *name, int channels) {
    struct norm batch = {.type = NORM_BATCH, .affine = true, .groups = 8, .eps = 1e-5};
    return (struct config_block){
        .name = name,
        .channels = channels,
        .down = {.activation = ACT_LEAKY_RELU,
                 .slope = 0.2,
                 .kernel = {4, 4},
                 .stride = {2, 2},
                 .padding = {1, 1},
                 .norm = batch},
        .up = {.activation = ACT_RELU,
               .decoder = DECODER_CONV_TRANSPOSE,
               .kernel = {4, 4},
               .stride = {2, 2},
               .padding = {1, 1},
               .scale = {2, 2},
               .norm = batch},
    };
}

/* ngf 64, k4 s2 p1 everywhere, batch norm, concat skips: pix2pix's U-Net for `channels` = 3. */
static inline void fixture_unet(struct fixture *f, int blocks, int channels) {
    *f = (struct fixture){0};
    for (int i = 0; i < blocks; i++) {
        snprintf(f->names[i], sizeof f->names[i], "b%d", i + 1);
        f->blocks[i] = fixture_block(f->names[i], 64 << (i < 3 ? i : 3));
    }
    struct config_block *outer = &f->blocks[0], *inner = &f->blocks[blocks - 1];
    outer->down.activation = ACT_NONE;
    outer->down.norm.type = outer->up.norm.type = NORM_NONE;
    outer->up.bias = true;
    inner->down.norm.type = NORM_NONE;
    f->variant = (struct config_variant){
        .name = "base",
        .channels_in = channels,
        .size = {256, 256},
        .mean = 0.5,
        .std = 0.5,
        .channels_out = channels,
        .output_activation = ACT_TANH,
        .blocks = f->blocks,
        .block_count = blocks,
    };
}

/* zi2zi-pytorch of 2020: grey, 40 x 128 embedding concatenated at the innermost block. */
static inline void fixture_zi2zi(struct fixture *f, int blocks) {
    fixture_unet(f, blocks, 1);
    f->variant.style = STYLE_CONCAT;
    f->variant.style_count = 40;
    f->variant.style_dim = 128;
}

static inline struct config_block *fixture_inner(struct fixture *f) {
    return &f->blocks[f->variant.block_count - 1];
}

static inline void fixture_down(struct config_block *block, int kernel, int stride) {
    block->down.kernel = square(kernel);
    block->down.stride = square(stride);
}

static inline void fixture_up(struct config_block *block, int kernel, int stride) {
    block->up.kernel = square(kernel);
    block->up.stride = square(stride);
}

static inline void fixture_fit(struct fixture *f, enum fit fit) {
    for (int i = 0; i < f->variant.block_count; i++) f->blocks[i].fit = fit;
}

static inline bool fixture_build(struct graph *graph, const struct fixture *f, int size,
                                 struct net *net) {
    struct err err = {0};
    bool built = net_build(graph, &f->variant, square(size), -2, NULL, NULL, net, &err);
    err_free(&err);
    return built && net->ok;
}

#endif
