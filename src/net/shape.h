/* Output sizes along one axis (formulas as in PyTorch's Conv2d and ConvTranspose2d, dilation 1). */
#ifndef NET_SHAPE_H
#define NET_SHAPE_H

/* floor((in + 2 padding - kernel) / stride) + 1, or 0 when the kernel is larger than the padded
 * input. */
int shape_conv(int in, int kernel, int stride, int padding);

/* (in - 1) stride - 2 padding + kernel + output_padding; 0 or less means that it is empty. */
int shape_conv_transpose(int in, int kernel, int stride, int padding, int output_padding);

#endif
