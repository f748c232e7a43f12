/* How unevenly a transposed convolution's weights feed the phases of its output: the checkerboard
 * that the weights make by themselves, no image needed. */
#ifndef METRICS_IMBALANCE_H
#define METRICS_IMBALANCE_H

/* w[in][out][kh][kw], stride [sh, sw]. With S[i][o][p][q] = sum_ab w[i][o][p + a sh][q + b sw],
 * PI = sum (S - mean_pq S)^2 / sum S^2, in [0, 1). 0: all polyphase components have the same gain
 * at DC, which is when an interpolator makes no checkerboard (Sugawara, Shiota, Kiya 2018); so it
 * is for stride 1, zero-order hold and bilinear kernels. Independent random weights give about 1 -
 * 1 / (sh sw). Bias and the scale of a norm do not change it. 0 for weights that are all 0. */
double imbalance_of_weights(const float *w, int in, int out, int kh, int kw, int sh, int sw);

#endif
