/* plot: one self-contained HTML page of line charts, heat maps and tables. What is on it
 * is written here as JSON; page.html, the template that it is put into, draws it. Nothing
 * comes from elsewhere; readable in light and dark and in print. Private to research.
 *
 * The JSON: {"title", "blocks": [...]}, a block being one of {"heading": text},
 * {"text": text}, {"facts": [[name, value], ...]}, {"row": [blocks]}, {"lines": {...}},
 * {"heat": {...}} and {"table": {"head", "rows"}}, with the members of the structs below.
 * Reason to change: another kind of picture. */
#ifndef ASY_RESEARCH_PLOT_H
#define ASY_RESEARCH_PLOT_H
#include "base/base.h"
#include "codec/codec.h"

/* A failed append poisons the page, reported once by plot_end. */
typedef struct {
	asy_buf *out;
	asy_buf json;
	asy_jw w;       /* onto json */
	bool is_in_row; /* of a table */
} plot;

void plot_begin(plot *p, asy_buf *out, const char *title);
assay_status plot_end(plot *p, assay_err *err) ASSAY_CHECKED;
/* Memory that the caller had not. */
void plot_poison(plot *p, assay_status st);
void plot_heading(plot *p, const char *text);
void plot_paragraph(plot *p, const char *fmt, ...) ASSAY_PRINTF(2, 3);
/* Small multiples side by side: between the two, charts are as narrow as fits. */
void plot_row_begin(plot *p);
void plot_row_end(plot *p);
/* Names with values, small: what the page was made from. */
void plot_facts_begin(plot *p);
void plot_fact(plot *p, const char *name, const char *fmt, ...) ASSAY_PRINTF(3, 4);
void plot_facts_end(plot *p);

/* ---- lines ---- */

#define PLOT_COLOURS 8u
#define PLOT_INK PLOT_COLOURS /* the colour of text, for lines over a heat map */
typedef struct {
	const double *x, *y; /* x NULL: 0, 1, 2, ...; NaN in y is a gap */
	size_t n;
	unsigned colour;
	bool is_faint; /* one of many */
	bool is_bold;
	const char *hint;  /* its name, told by the pointer */
	const char *label; /* written at the last point, where it fits */
} plot_series;
typedef struct {
	const char *name;
	unsigned colour;
} plot_key;
/* A vertical line at something that happened. */
typedef struct {
	double x;
	const char *name; /* short, written above */
	const char *hint;
} plot_mark;
typedef struct {
	const char *title, *x_name, *y_name;
	double x_min, x_max, y_min, y_max; /* y_min == y_max: from the data, zero included */
	const plot_series *series;
	size_t series_n;
	const plot_key *key;
	size_t key_n;
	const plot_mark *mark;
	size_t mark_n;
	bool is_square;
} plot_lines;
void plot_draw_lines(plot *p, const plot_lines *l);

/* ---- heat: cells from a diverging scale, zero in its middle, or a sequential one ---- */

typedef struct {
	const char *title, *x_name, *y_name, *scale_name;
	double x_min, x_max, y_min, y_max; /* outer edges; y upwards */
	size_t x_n, y_n;
	const double *value; /* [y][x], y_min first; NaN = empty */
	double low, high;    /* of the scale; is_diverging: low < 0 < high */
	bool is_diverging, is_square;
	const plot_series *line; /* drawn above the cells */
	size_t line_n;
	const plot_mark *mark;
	size_t mark_n;
} plot_heat;
void plot_draw_heat(plot *p, const plot_heat *h);

/* ---- tables ---- */

void plot_table_begin(plot *p, const char *const *head, size_t head_n);
/* plot_table_row begins a row; numbers are aligned by the style. */
void plot_table_row(plot *p);
void plot_cell(plot *p, const char *fmt, ...) ASSAY_PRINTF(2, 3);
void plot_table_end(plot *p);
#endif
