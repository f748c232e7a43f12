/* Output sizes along one axis (formulas as in PyTorch's Conv2d and ConvTranspose2d, dilation 1).
 * Computed in 64 bits; what does not fit an int saturates at INT_MAX. */
#ifndef NET_SHAPE_H
#define NET_SHAPE_H

/* floor((in + 2 padding - kernel) / stride) + 1, or 0 when the kernel is larger than the padded
 * input. */
int shape_conv(int in, int kernel, int stride, int padding);

/* (in - 1) stride - 2 padding + kernel + output_padding; 0 when that is 0 or less: it is empty. */
int shape_conv_transpose(int in, int kernel, int stride, int padding, int output_padding);

/* a * b of two sizes that are not negative, saturated. */
int shape_scale(int a, int b);

#endif
