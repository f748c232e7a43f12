/* How unevenly a decoder's weights feed the phases of its output: the checkerboard that the weights
 * make by themselves, no image needed.
 *
 * With S[i][o][phase] the gain at DC from input i to that phase of output o,
 * PI = sum (S - mean of S over phases)^2 / sum S^2, in [0, 1). 0: all polyphase components have the
 * same gain at DC, which is when an interpolator makes no checkerboard (Sugawara, Shiota, Kiya
 * 2018); so it is for one phase, zero-order hold and bilinear kernels. Independent random weights
 * give about 1 - 1 / phases. Bias and the scale of a norm do not change it. 0 for weights that are
 * all 0. */
#ifndef METRICS_IMBALANCE_H
#define METRICS_IMBALANCE_H

/* A transposed convolution w[in][out][kh][kw] of stride [sh, sw]: phase (p, q) of an output gets
 * S = sum_ab w[i][o][p + a sh][q + b sw]. */
double imbalance_of_transposed(const float *w, int in, int out, int kh, int kw, int sh, int sw);

/* A convolution w[out * phases][in][kh][kw] before a pixel shuffle to `out` channels, whose phases
 * are `phases` neighbouring outputs of it: S = sum_ab w[o * phases + phase][i][a][b]. ICNR's start
 * (Aitken et al. 2017) gives 0. */
double imbalance_of_shuffled(const float *w, int out, int phases, int in, int kh, int kw);

#endif
