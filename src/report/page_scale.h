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

#endif
