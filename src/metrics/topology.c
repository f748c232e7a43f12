#include "metrics/topology.h"

#include <stdbool.h>
#include <string.h>

/* All work is done on a copy with a frame of one pixel, so that every pixel has eight neighbours.
 */
struct framed {
    unsigned char *v; /* [(h + 2) * (w + 2)] */
    int w, h, stride;
    int around[8]; /* offsets of the neighbours clockwise from north: the even ones are 4-connected
                    */
};

static struct framed frame(struct scratch *work, const unsigned char *mask, int w, int h) {
    struct framed f = {.w = w, .h = h, .stride = w + 2};
    int s = f.stride;
    int around[8] = {-s, -s + 1, 1, s + 1, s, s - 1, -1, -s - 1};
    memcpy(f.around, around, sizeof around);
    size_t size = (size_t)s * ((size_t)h + 2);
    f.v = SCRATCH(work, unsigned char, size);
    memset(f.v, 0, size);
    for (int y = 0; y < h; y++)
        memcpy(f.v + (size_t)(y + 1) * (size_t)s + 1, mask + (size_t)y * (size_t)w, (size_t)w);
    return f;
}

static bool in_frame(const struct framed *f, int i) {
    int y = i / f->stride, x = i % f->stride;
    return y == 0 || y == f->h + 1 || x == 0 || x == f->w + 1;
}

/* Turns the piece of `from` around pixel i into 2. `step` 1 goes by all neighbours, 2 by the four
 * straight ones. The frame is entered only when `whole`. `stack` has room for every pixel. */
static void flood(struct framed *f, int i, unsigned char from, int step, int *stack) {
    int top = 0, size = f->stride * (f->h + 2);
    f->v[i] = 2;
    stack[top++] = i;
    while (top) {
        int p = stack[--top];
        bool edge = in_frame(f, p);
        for (int k = 0; k < 8; k += step) {
            int q = p + f->around[k];
            if (edge && (q < 0 || q >= size)) continue;
            if (f->v[q] != from) continue;
            f->v[q] = 2;
            stack[top++] = q;
        }
    }
}

static int count_pieces(struct framed *f, unsigned char from, int step, int *stack) {
    int count = 0;
    for (int y = 1; y <= f->h; y++) {
        for (int x = 1; x <= f->w; x++) {
            int i = y * f->stride + x;
            if (f->v[i] != from) continue;
            flood(f, i, from, step, stack);
            count++;
        }
    }
    return count;
}

int topology_components(struct scratch *work, const unsigned char *mask, int w, int h) {
    size_t mark = scratch_mark(work);
    struct framed f = frame(work, mask, w, h);
    int *stack = SCRATCH(work, int, (size_t)f.stride *((size_t)h + 2));
    int count = count_pieces(&f, 1, 1, stack);
    scratch_release(work, mark);
    return count;
}

int topology_holes(struct scratch *work, const unsigned char *mask, int w, int h) {
    size_t mark = scratch_mark(work);
    struct framed f = frame(work, mask, w, h);
    int *stack = SCRATCH(work, int, (size_t)f.stride *((size_t)h + 2));
    flood(&f, 0, 0, 2, stack); /* the outside, by way of the frame */
    int count = count_pieces(&f, 0, 2, stack);
    scratch_release(work, mark);
    return count;
}

/* The eight neighbours of i as bits, clockwise from north. */
static unsigned neighbours(const struct framed *f, int i) {
    unsigned bits = 0;
    for (unsigned k = 0; k < 8; k++) bits |= (unsigned)f->v[i + f->around[k]] << k;
    return bits;
}

/* Zhang and Suen's conditions: 2 to 6 ink neighbours, one step from background to ink around, and
 * (first pass) N E S and E S W not all ink, (second pass) N E W and N S W not all ink. */
static void make_rules(bool rules[2][256]) {
    for (unsigned n = 0; n < 256; n++) {
        int ink = 0, steps = 0;
        for (unsigned k = 0; k < 8; k++) {
            unsigned here = n >> k & 1, next = n >> (k + 1) % 8 & 1;
            ink += (int)here;
            steps += !here && next;
        }
        bool north = n & 1, east = n & 4, south = n & 16, west = n & 64;
        bool thin = ink >= 2 && ink <= 6 && steps == 1;
        rules[0][n] = thin && !(north && east && south) && !(east && south && west);
        rules[1][n] = thin && !(north && east && west) && !(north && south && west);
    }
}

/* A pixel with eight ink neighbours cannot go, so only `list`, the ink that touches background, is
 * looked at; `listed` marks what is or was in it. */
struct border {
    int *list, *gone;
    int count;
    unsigned char *listed;
};

static int thin_pass(struct framed *f, const bool *rule, struct border *border) {
    int gone = 0, kept = 0;
    for (int n = 0; n < border->count; n++) {
        int i = border->list[n];
        if (rule[neighbours(f, i)])
            border->gone[gone++] = i;
        else
            border->list[kept++] = i;
    }
    for (int n = 0; n < gone; n++) f->v[border->gone[n]] = 0; /* all at once */
    for (int n = 0; n < gone; n++) {
        for (int k = 0; k < 8; k++) {
            int i = border->gone[n] + f->around[k];
            if (!f->v[i] || border->listed[i]) continue;
            border->listed[i] = 1;
            border->list[kept++] = i;
        }
    }
    border->count = kept;
    return gone;
}

void topology_thin(struct scratch *work, unsigned char *mask, int w, int h) {
    bool rules[2][256];
    make_rules(rules);
    size_t mark = scratch_mark(work);
    struct framed f = frame(work, mask, w, h);
    size_t size = (size_t)f.stride * ((size_t)h + 2);
    struct border border = {SCRATCH(work, int, size), SCRATCH(work, int, size), 0,
                            SCRATCH(work, unsigned char, size)};
    memset(border.listed, 0, size);
    for (int y = 1; y <= h; y++) {
        for (int x = 1; x <= w; x++) {
            int i = y * f.stride + x;
            if (!f.v[i] || neighbours(&f, i) == 255) continue;
            border.listed[i] = 1;
            border.list[border.count++] = i;
        }
    }
    int gone;
    do {
        gone = thin_pass(&f, rules[0], &border);
        gone += thin_pass(&f, rules[1], &border);
    } while (gone);
    for (int y = 0; y < h; y++)
        memcpy(mask + (size_t)y * (size_t)w, f.v + (size_t)(y + 1) * (size_t)f.stride + 1,
               (size_t)w);
    scratch_release(work, mark);
}
