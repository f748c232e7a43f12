/* Which variants cannot differ, why, where they would, and what unequal ones share. Everything here
 * is by geometry alone, given equal weights. */
#ifndef NET_EQUAL_H
#define NET_EQUAL_H

#include "net/net.h"

/* True when two nets of one graph give the same output for every image: the same root, and images
 * read with the same mean and std. A net that is not ok equals none. */
bool equal_nets(const struct config_variant *a, const struct net *net_a,
                const struct config_variant *b, const struct net *net_b);

/* Why two equal variants are equal, in words, allocated in `arena`: each way in which their configs
 * differ and why it cannot act. */
char *equal_because(const struct graph *graph, const struct config_variant *a,
                    const struct net *net_a, const struct config_variant *b, struct arena *arena);

/* The nearest input sizes below and above `at` (as large as EQUAL_REACH times `at`, its width
 * scaled with its height) at which both variants fit and are not equal; they are equal at `at`.
 * Returns how many were found: 0 to 2. */
#define EQUAL_REACH 4
int equal_differs_at(const struct config_variant *a, const struct config_variant *b,
                     struct extent at, struct extent found[2]);

/* Where two nets of one graph part ways. */
struct parting {
    int block;         /* -1: nowhere before one of them ends */
    const char *stage; /* "down convolution", "encoded", "style", "up convolution", ... */
    int shared_down;   /* leading blocks whose `encoded` is the same node */
    int shared_up;     /* blocks whose `decoded` is the same node */
};
struct parting equal_parting(const struct net *a, const struct net *b);

#endif
