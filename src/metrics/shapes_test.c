/* Distances, pieces, holes and skeletons of small shapes. */
#include <stdbool.h>

#include "base/check.h"
#include "metrics/edt.h"
#include "metrics/glyph.h"
#include "metrics/rng.h"
#include "metrics/topology.h"

static struct scratch work;

/* "#" is ink; rows are joined by "/". */
static void draw(const char *picture, unsigned char *mask, int *w, int *h) {
    int x = 0, n = 0;
    *w = *h = 0;
    for (const char *c = picture;; c++) {
        if (*c == '/' || !*c) {
            *w = x;
            ++*h;
            x = 0;
            if (!*c) return;
            continue;
        }
        mask[n++] = *c == '#';
        x++;
    }
}

static void check_topology(const char *picture, int components, int holes) {
    unsigned char mask[400];
    int w, h;
    draw(picture, mask, &w, &h);
    CHECK_INT(topology_components(&work, mask, w, h), components);
    CHECK_INT(topology_holes(&work, mask, w, h), holes);
    CHECK_INT(work.used, 0);
}

static void check_thinned(const char *picture, const char *want) {
    unsigned char mask[400], expected[400];
    int w, h;
    draw(picture, mask, &w, &h);
    draw(want, expected, &w, &h);
    topology_thin(&work, mask, w, h);
    CHECK(memcmp(mask, expected, (size_t)w * (size_t)h) == 0);
}

/* Against the nearest of all sites, for random masks from empty to full. */
static void check_distances(void) {
    enum { W = 23, H = 17 };
    unsigned char mask[W * H];
    double got[W * H];
    struct rng rng = rng_seed(4);
    for (int round = 0; round <= 40; round++) {
        for (int i = 0; i < W * H; i++) {
            uint64_t share = round < 20 ? 200 : 5;
            mask[i] = round == 40 || (round && rng_below(&rng, share) == 0);
        }
        for (unsigned char site = 0; site < 2; site++) {
            edt_squared(&work, mask, W, H, site, got);
            bool same = true;
            for (int i = 0; i < W * H; i++) {
                double least = INFINITY;
                for (int j = 0; j < W * H; j++) {
                    int dx = i % W - j % W, dy = i / W - j / W;
                    if (mask[j] == site) least = fmin(least, dx * dx + dy * dy);
                }
                same = same && got[i] == least;
            }
            CHECK(same);
        }
    }
}

static void check_boundary(void) {
    unsigned char mask[400], want[400];
    int w, h;
    draw("#####/#####/#####/#####/.....", mask, &w, &h);
    draw("#####/#...#/#...#/#####/.....", want, &w, &h);
    unsigned char *got = glyph_boundary(&work, mask, w, h);
    CHECK(memcmp(got, want, (size_t)w * (size_t)h) == 0);
    scratch_release(&work, 0);
}

static void check_stroke(void) {
    /* A bar of 5 x 30: the middle of its skeleton is 3 px from the background. */
    enum { W = 40, H = 15 };
    double v[W * H];
    for (int i = 0; i < W * H; i++)
        v[i] = i / W >= 5 && i / W < 10 && i % W >= 5 && i % W < 35 ? 127.9 : 128;
    struct plane image = {W, H, v};
    struct glyph glyph;
    glyph_describe(&work, &work, &image, &glyph);
    CHECK(glyph.stroke > 5 && glyph.stroke <= 6);
    CHECK_INT(glyph.components, 1);
    for (int i = 0; i < W * H; i++) v[i] = 0;
    glyph_describe(&work, &work, &image, &glyph);
    CHECK(isnan(glyph.stroke) && glyph.components == 1 && glyph.holes == 0);
    for (int i = 0; i < W * H; i++) v[i] = 255;
    glyph_describe(&work, &work, &image, &glyph);
    CHECK(glyph.stroke == 0 && glyph.components == 0);
    scratch_release(&work, 0);
}

int main(void) {
    check_topology(".", 0, 0);
    check_topology("#", 1, 0);
    check_topology("###/#.#/###", 1, 1);
    check_topology("#.#/.#./#.#", 1, 0); /* ink joins across corners, background does not */
    check_topology(".#./#.#/.#.", 1, 1);
    check_topology("#.#/.../#.#", 4, 0);
    check_topology("#####/#.#.#/#####", 1, 2);
    check_topology("#######/#.....#/#.###.#/#.#.#.#/#.###.#/#.....#/#######", 2, 2);
    check_topology("##.##", 2, 0);
    check_topology("#/#/./#", 2, 0);
    check_topology(".#/#.", 1, 0);
    check_thinned(".", ".");
    check_thinned("#", "#");
    check_thinned("#####", "#####");
    check_thinned("......./.#####./.#####./.#####./.......",
                  "......./......./..##.../......./.......");
    /* From a second implementation, in Python, straight from the paper. */
    check_thinned("............../............../..##########../..##########../..###...####../"
                  "..###...####../..##########../..##########../..##########../..##########../"
                  "............../..............",
                  "............../............../....#####...../...#.....#..../...#.....#..../"
                  "...#.....#..../...#.....#..../...#######..../............../............../"
                  "............../..............");
    check_thinned("#...#/.#.#./..#../.#.#./#...#", "#...#/.#.#./..#../.#.#./#...#");
    check_distances();
    check_boundary();
    check_stroke();
    scratch_free(&work);
    return check_end();
}
