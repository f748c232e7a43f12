/* A linear scale with round ends and steps, for the plots of report.html. */
#ifndef REPORT_PAGE_SCALE_H
#define REPORT_PAGE_SCALE_H

struct page_scale {
    double low, high, step;
};

/* Covers low .. high in about `steps` steps. */
struct page_scale page_scale_make(double low, double high, int steps);
/* Where `value` is, 0 to 1 from low to high. */
double page_scale_at(struct page_scale scale, double value);

/* The guides: steps 0 .. page_scale_steps, at most 20, and their values. */
int page_scale_steps(struct page_scale scale);
double page_scale_step(struct page_scale scale, int step);

#endif
