#include "report/gate.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum op { NUMBER, MEAN, NEGATE, ADD, SUBTRACT, MULTIPLY, DIVIDE, LT, LE, GT, GE, EQ, NE, AND, OR };

struct gate_node {
    enum op op;
    double number;       /* NUMBER */
    int variant, metric; /* MEAN */
};

#define GATE_NODES 200 /* more is no condition that somebody wrote */
#define GATE_DEPTH 30  /* of parentheses and signs */

struct parser {
    const char *text, *at;
    const char *const *variants;
    int variant_count, depth;
    struct gate *gate;
    struct err *err;
};

enum type { WRONG, A_NUMBER, A_CONDITION };

static enum type parse_or(struct parser *p);

static enum type refuse(const struct parser *p, const char *at, const char *message,
                        const char *what) {
    struct safe_text text = err_safe_text(p->text);
    err_add(p->err, STATUS_BAD_INPUT, "--fail-if '%s', column %d: %s%s", text.s,
            (int)(at - p->text) + 1, message, what);
    return WRONG;
}

static void skip_space(struct parser *p) {
    while (isspace((unsigned char)*p->at)) p->at++;
}

static bool take(struct parser *p, const char *token) {
    skip_space(p);
    size_t n = strlen(token);
    if (strncmp(p->at, token, n) != 0) return false;
    bool word = isalpha((unsigned char)*token);
    if (word && (isalnum((unsigned char)p->at[n]) || p->at[n] == '_')) return false;
    p->at += n;
    return true;
}

static bool emit(struct parser *p, struct gate_node node) {
    if (p->gate->count == GATE_NODES) {
        refuse(p, p->at, "the condition is too long", "");
        return false;
    }
    p->gate->nodes[p->gate->count++] = node;
    return true;
}

static enum type parse_number(struct parser *p) {
    /* strtod alone would take "inf", "nan" and hexadecimal. */
    const char *start = p->at;
    size_t n = strspn(start, "0123456789.");
    if (start[n] == 'e' || start[n] == 'E') {
        size_t sign = start[n + 1] == '+' || start[n + 1] == '-';
        size_t digits = strspn(start + n + 1 + sign, "0123456789");
        if (digits) n += 1 + sign + digits;
    }
    char *end;
    double number = strtod(start, &end);
    bool whole = end == start + n && isfinite(number);
    if (!whole || isalnum((unsigned char)start[n]))
        return refuse(p, start, "this is no number", "");
    p->at = end;
    return emit(p, (struct gate_node){.op = NUMBER, .number = number}) ? A_NUMBER : WRONG;
}

/* "; did you mean x? The metrics are ..." */
static void put_metrics(struct text *out, const char *wrong) {
    int nearest = -1, least = 4;
    for (int m = 0; m < METRIC_COUNT; m++) {
        int d = text_distance(wrong, metric_info((enum metric)m)->name, 3);
        if (d < least) {
            least = d;
            nearest = m;
        }
    }
    if (nearest >= 0) text_add(out, "; did you mean %s?", metric_info((enum metric)nearest)->name);
    text_put(out, nearest >= 0 ? " The metrics are " : "; the metrics are ");
    for (int m = 0; m < METRIC_COUNT; m++)
        text_add(out, "%s%s", m ? ", " : "", metric_info((enum metric)m)->name);
}

static enum type no_metric(struct parser *p, const char *start, const char *name) {
    struct text hint = {0};
    text_add(&hint, "\"%s\"", SAFE(name));
    put_metrics(&hint, name);
    refuse(p, start, "there is no metric ", hint.s);
    text_free(&hint);
    return WRONG;
}

static enum type no_variant(struct parser *p, const char *start, const char *name) {
    struct text hint = {0};
    text_add(&hint, "\"%s\"; the variants are ", SAFE(name));
    for (int v = 0; v < p->variant_count; v++)
        text_add(&hint, "%s%s", v ? ", " : "", p->variants[v]);
    refuse(p, start, "there is no variant ", hint.s);
    text_free(&hint);
    return WRONG;
}

static int find_variant(const struct parser *p, const char *name) {
    for (int v = 0; v < p->variant_count; v++)
        if (strcmp(p->variants[v], name) == 0) return v;
    return -1;
}

/* Copies `length` bytes, at most what a name may have, so that what is too long is not found. */
static void copy_name(char name[128], const char *start, size_t length) {
    if (length > 127) length = 127;
    memcpy(name, start, length);
    name[length] = 0;
}

static enum type parse_mean(struct parser *p) {
    const char *start = p->at;
    char name[128];
    size_t n = 0;
    while (isalnum((unsigned char)start[n]) || start[n] == '_') n++;
    copy_name(name, start, n);
    int metric = metric_find(name);
    if (metric < 0) return no_metric(p, start, name);
    p->at += n;
    if (!take(p, "(")) return refuse(p, p->at, "expected (variant) after ", name);
    skip_space(p);
    start = p->at;
    n = strcspn(start, ") \t\n");
    copy_name(name, start, n);
    int variant = find_variant(p, name);
    if (variant < 0) return no_variant(p, start, name);
    p->at += n;
    if (!take(p, ")")) return refuse(p, p->at, "expected ) after ", name);
    struct gate_node node = {.op = MEAN, .variant = variant, .metric = metric};
    return emit(p, node) ? A_NUMBER : WRONG;
}

static enum type parse_primary(struct parser *p) {
    skip_space(p);
    const char *start = p->at;
    if (isdigit((unsigned char)*start) || *start == '.') return parse_number(p);
    if (isalpha((unsigned char)*start)) return parse_mean(p);
    bool minus = *start == '-';
    if (!minus && *start != '(')
        return refuse(p, start, "expected a number, metric(variant) or (",
                      *start ? "" : ", not the end");
    if (++p->depth > GATE_DEPTH) return refuse(p, start, "too many parentheses", "");
    p->at++;
    enum type type = minus ? parse_primary(p) : parse_or(p);
    p->depth--;
    if (type == WRONG) return WRONG;
    if (minus) {
        if (type != A_NUMBER) return refuse(p, start, "only a number has a sign", "");
        return emit(p, (struct gate_node){.op = NEGATE}) ? A_NUMBER : WRONG;
    }
    return take(p, ")") ? type : refuse(p, p->at, "expected )", "");
}

struct operation {
    const char *token;
    enum op op;
};

static const struct operation *take_operation(struct parser *p,
                                              const struct operation *operations) {
    for (; operations->token; operations++)
        if (take(p, operations->token)) return operations;
    return NULL;
}

static const struct operation PRODUCTS[] = {{"*", MULTIPLY}, {"/", DIVIDE}, {NULL, NUMBER}};
static const struct operation SUMS[] = {{"+", ADD}, {"-", SUBTRACT}, {NULL, NUMBER}};
static const struct operation COMPARISONS[] = {{"<=", LE}, {">=", GE}, {"==", EQ},    {"!=", NE},
                                               {"<", LT},  {">", GT},  {NULL, NUMBER}};
static const struct operation ANDS[] = {{"and", AND}, {NULL, NUMBER}};
static const struct operation ORS[] = {{"or", OR}, {NULL, NUMBER}};

/* operand (operator operand)*, operands of type `wanted`. */
static enum type parse_chain(struct parser *p, const struct operation *operations,
                             enum type (*operand)(struct parser *), enum type wanted) {
    skip_space(p);
    const char *start = p->at;
    enum type type = operand(p);
    for (;;) {
        if (type == WRONG) return WRONG;
        const struct operation *op = take_operation(p, operations);
        if (!op) return type;
        const char *message = wanted == A_NUMBER ? "this is a condition, and takes no "
                                                 : "this is a number, and cannot be joined by ";
        if (type != wanted) return refuse(p, start, message, op->token);
        skip_space(p);
        start = p->at;
        type = operand(p);
        if (type == WRONG) return WRONG;
        if (type != wanted) return refuse(p, start, message, op->token);
        if (!emit(p, (struct gate_node){.op = op->op})) return WRONG;
    }
}

static enum type parse_product(struct parser *p) {
    return parse_chain(p, PRODUCTS, parse_primary, A_NUMBER);
}

static enum type parse_sum(struct parser *p) {
    return parse_chain(p, SUMS, parse_product, A_NUMBER);
}

static enum type parse_comparison(struct parser *p) {
    skip_space(p);
    const char *start = p->at;
    enum type left = parse_sum(p);
    if (left == WRONG) return WRONG;
    const struct operation *op = take_operation(p, COMPARISONS);
    if (!op) return left;
    enum type right = parse_sum(p);
    if (right == WRONG) return WRONG;
    if (left != A_NUMBER || right != A_NUMBER)
        return refuse(p, start, "only numbers can be compared by ", op->token);
    skip_space(p);
    if (take_operation(p, COMPARISONS))
        return refuse(p, start, "a comparison has two sides; join comparisons by and", "");
    return emit(p, (struct gate_node){.op = op->op}) ? A_CONDITION : WRONG;
}

static enum type parse_and(struct parser *p) {
    return parse_chain(p, ANDS, parse_comparison, A_CONDITION);
}

static enum type parse_or(struct parser *p) {
    return parse_chain(p, ORS, parse_and, A_CONDITION);
}

bool gate_parse(const char *text, const char *const *variants, int variant_count, struct gate *out,
                struct err *err) {
    *out =
        (struct gate){.text = mem_strdup(text), .nodes = mem_array(GATE_NODES, sizeof *out->nodes)};
    struct parser p = {.text = text,
                       .at = text,
                       .variants = variants,
                       .variant_count = variant_count,
                       .gate = out,
                       .err = err};
    enum type type = parse_or(&p);
    if (type == WRONG) return false;
    skip_space(&p);
    if (*p.at) {
        refuse(&p, p.at, "expected an operator (+ - * / < <= > >= == != and or) or the end", "");
        return false;
    }
    if (type == A_NUMBER) {
        refuse(&p, text, "this is a number; compare it by < <= > >= == or !=", "");
        return false;
    }
    return true;
}

void gate_free(struct gate *gate) {
    mem_free(gate->text);
    mem_free(gate->nodes);
    *gate = (struct gate){0};
}

/* Conditions are 1, 0, or NaN when undecided, which spreads unless the other side settles it. */
static double both(double a, double b) {
    if (a == 0 || b == 0) return 0;
    return isnan(a) || isnan(b) ? NAN : 1;
}

static double either(double a, double b) {
    if (a == 1 || b == 1) return 1;
    return isnan(a) || isnan(b) ? NAN : 0;
}

static double compare_numbers(enum op op, double a, double b) {
    if (isnan(a) || isnan(b)) return NAN;
    switch (op) {
    case LT:
        return a < b;
    case LE:
        return a <= b;
    case GT:
        return a > b;
    case GE:
        return a >= b;
    case EQ:
        return a == b;
    default:
        return a != b;
    }
}

static double apply(enum op op, double a, double b) {
    switch (op) {
    case ADD:
        return a + b;
    case SUBTRACT:
        return a - b;
    case MULTIPLY:
        return a * b;
    case DIVIDE:
        return b == 0 ? NAN : a / b;
    case AND:
        return both(a, b);
    case OR:
        return either(a, b);
    default:
        return compare_numbers(op, a, b);
    }
}

enum gate_result gate_evaluate(const struct gate *gate, const double *means) {
    double stack[GATE_NODES] = {0};
    int top = 0;
    for (int i = 0; i < gate->count; i++) {
        const struct gate_node *node = &gate->nodes[i];
        if (node->op == NUMBER) {
            stack[top++] = node->number;
        } else if (node->op == MEAN) {
            stack[top++] = means[node->variant * METRIC_COUNT + node->metric];
        } else if (node->op == NEGATE) {
            stack[top - 1] = -stack[top - 1];
        } else {
            top--;
            stack[top - 1] = apply(node->op, stack[top - 1], stack[top]);
        }
    }
    return isnan(stack[0]) ? GATE_UNDECIDED : stack[0] != 0 ? GATE_FAILS : GATE_PASSES;
}

void gate_values(const struct gate *gate, const char *const *variants, const double *means,
                 struct text *out) {
    bool any = false;
    for (int i = 0; i < gate->count; i++) {
        const struct gate_node *node = &gate->nodes[i];
        if (node->op != MEAN) continue;
        double mean = means[node->variant * METRIC_COUNT + node->metric];
        text_add(out, "%s%s(%s) = ", any ? ", " : "", metric_info((enum metric)node->metric)->name,
                 variants[node->variant]);
        if (isnan(mean))
            text_put(out, "no value");
        else
            text_add(out, "%.5g", mean);
        any = true;
    }
}
