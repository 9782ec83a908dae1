/* Writes the page's JSON and puts it into the template. */
#include <math.h>
#include "research/plot.h"

#define POINTS_MAX 1500u /* of a line: more than pixels only make the page heavy */

/* page.html, as the build found it. */
extern const unsigned char plot_template[];
extern const size_t plot_template_len;

void plot_begin(plot *p, asy_buf *out, const char *title)
{
	*p = (plot){.out = out};
	p->w = asy_jw_out(&p->json, 0);
	asy_jw_object(&p->w);
	asy_jw_kstr(&p->w, "title", title);
	asy_jw_key(&p->w, "blocks");
	asy_jw_array(&p->w);
}

void plot_poison(plot *p, assay_status st)
{
	if (p->w.st == ASSAY_OK)
		p->w.st = st;
}

/* In a script element only "<" can end anything; it stands in strings alone. */
static assay_status add_data(asy_buf *out, const asy_buf *json, assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (size_t at = 0; st == ASSAY_OK && at < json->len;) {
		const uint8_t *from = json->ptr + at, *less = memchr(from, '<', json->len - at);
		size_t n = less != NULL ? (size_t)(less - from) : json->len - at;
		st = asy_buf_add(out, from, n, err);
		if (st == ASSAY_OK && less != NULL)
			st = asy_buf_add_str(out, "\\u003c", err);
		at += n + (less != NULL);
	}
	return st;
}

assay_status plot_end(plot *p, assay_err *err)
{
	static const char place[] = "@DATA@";
	const uint8_t *at = memmem(plot_template, plot_template_len, place, sizeof place - 1);
	ASSERT(at != NULL);
	size_t before = (size_t)(at - plot_template), after = before + sizeof place - 1;
	asy_jw_end_array(&p->w);
	asy_jw_end_object(&p->w);
	assay_status st = asy_jw_end(&p->w, err);
	if (st == ASSAY_OK)
		st = asy_buf_add(p->out, plot_template, before, err);
	if (st == ASSAY_OK)
		st = add_data(p->out, &p->json, err);
	if (st == ASSAY_OK)
		st = asy_buf_add(p->out, plot_template + after, plot_template_len - after, err);
	asy_buf_fini(&p->json);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "the page");
}

/* ---- text ---- */

/* {"key": ... */
static void begin_block(plot *p, const char *key)
{
	asy_jw_object(&p->w);
	asy_jw_key(&p->w, key);
}

void plot_heading(plot *p, const char *text)
{
	begin_block(p, "heading");
	asy_jw_str(&p->w, text);
	asy_jw_end_object(&p->w);
}

void plot_paragraph(plot *p, const char *fmt, ...)
{
	char text[2048];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	begin_block(p, "text");
	asy_jw_str(&p->w, text);
	asy_jw_end_object(&p->w);
}

static void begin_list(plot *p, const char *key)
{
	begin_block(p, key);
	asy_jw_array(&p->w);
}

static void end_list(plot *p)
{
	asy_jw_end_array(&p->w);
	asy_jw_end_object(&p->w);
}

void plot_row_begin(plot *p)
{
	begin_list(p, "row");
}

void plot_row_end(plot *p)
{
	end_list(p);
}

void plot_facts_begin(plot *p)
{
	begin_list(p, "facts");
}

void plot_fact(plot *p, const char *name, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	asy_jw_array(&p->w);
	asy_jw_str(&p->w, name);
	asy_jw_str(&p->w, text);
	asy_jw_end_array(&p->w);
}

void plot_facts_end(plot *p)
{
	end_list(p);
}

/* ---- figures ---- */

enum { DIGITS_LINE = 6, DIGITS_CELL = 3 }; /* more than a picture shows */

static void put_number(plot *p, double v, int digits)
{
	char text[32];
	int n = snprintf(text, sizeof text, "%.*g", digits, v);
	/* The largest doubles, rounded up to so few digits, are none. */
	if (isfinite(v) && fabs(v) < 1e300)
		asy_jw_raw(&p->w, asy_span(text, (size_t)n));
	else
		asy_jw_null(&p->w);
}

static void put_numbers(plot *p, const char *key, const double *v, size_t n, size_t stride,
						int digits)
{
	asy_jw_key(&p->w, key);
	asy_jw_array(&p->w);
	for (size_t i = 0; i < n; i += stride)
		put_number(p, v[i], digits);
	asy_jw_end_array(&p->w);
}

static void put_range(plot *p, const char *key, double low, double high)
{
	put_numbers(p, key, (const double[]){low, high}, 2, 1, DIGITS_LINE);
}

static void put_series(plot *p, const char *key, const plot_series *s, size_t n)
{
	asy_jw_key(&p->w, key);
	asy_jw_array(&p->w);
	for (size_t k = 0; k < n; k++, s++) {
		size_t stride = s->n / POINTS_MAX + 1;
		asy_jw_object(&p->w);
		if (s->x != NULL)
			put_numbers(p, "x", s->x, s->n, stride, DIGITS_LINE);
		else if (stride > 1)
			asy_jw_ku64(&p->w, "step", stride);
		put_numbers(p, "y", s->y, s->n, stride, DIGITS_LINE);
		asy_jw_ku64(&p->w, "colour", s->colour);
		if (s->is_faint)
			asy_jw_kbool(&p->w, "faint", true);
		if (s->is_bold)
			asy_jw_kbool(&p->w, "bold", true);
		if (s->hint != NULL)
			asy_jw_kstr(&p->w, "name", s->hint);
		if (s->label != NULL)
			asy_jw_kstr(&p->w, "label", s->label);
		asy_jw_end_object(&p->w);
	}
	asy_jw_end_array(&p->w);
}

static void put_marks(plot *p, const plot_mark *m, size_t n)
{
	asy_jw_key(&p->w, "marks");
	asy_jw_array(&p->w);
	for (size_t k = 0; k < n; k++) {
		asy_jw_object(&p->w);
		asy_jw_key(&p->w, "x");
		put_number(p, m[k].x, DIGITS_LINE);
		asy_jw_kstr(&p->w, "name", m[k].name);
		asy_jw_kstr(&p->w, "text", m[k].hint);
		asy_jw_end_object(&p->w);
	}
	asy_jw_end_array(&p->w);
}

static void begin_figure(plot *p, const char *kind, const char *title, const char *x_name,
						 const char *y_name, bool is_square)
{
	begin_block(p, kind);
	asy_jw_object(&p->w);
	asy_jw_kstr(&p->w, "title", title);
	asy_jw_kstr(&p->w, "x_name", x_name);
	asy_jw_kstr(&p->w, "y_name", y_name);
	if (is_square)
		asy_jw_kbool(&p->w, "square", true);
}

static void end_figure(plot *p)
{
	asy_jw_end_object(&p->w);
	asy_jw_end_object(&p->w);
}

void plot_draw_lines(plot *p, const plot_lines *l)
{
	begin_figure(p, "lines", l->title, l->x_name, l->y_name, l->is_square);
	put_range(p, "x", l->x_min, l->x_max);
	if (l->y_max > l->y_min)
		put_range(p, "y", l->y_min, l->y_max);
	put_series(p, "series", l->series, l->series_n);
	asy_jw_key(&p->w, "key");
	asy_jw_array(&p->w);
	for (size_t k = 0; k < l->key_n; k++) {
		asy_jw_array(&p->w);
		asy_jw_str(&p->w, l->key[k].name);
		asy_jw_u64(&p->w, l->key[k].colour);
		asy_jw_end_array(&p->w);
	}
	asy_jw_end_array(&p->w);
	put_marks(p, l->mark, l->mark_n);
	end_figure(p);
}

void plot_draw_heat(plot *p, const plot_heat *h)
{
	begin_figure(p, "heat", h->title, h->x_name, h->y_name, h->is_square);
	asy_jw_kstr(&p->w, "scale_name", h->scale_name);
	put_range(p, "x", h->x_min, h->x_max);
	put_range(p, "y", h->y_min, h->y_max);
	asy_jw_ku64(&p->w, "x_n", h->x_n);
	asy_jw_ku64(&p->w, "y_n", h->y_n);
	put_numbers(p, "value", h->value, h->x_n * h->y_n, 1, DIGITS_CELL);
	asy_jw_key(&p->w, "low");
	put_number(p, h->low, DIGITS_LINE);
	asy_jw_key(&p->w, "high");
	put_number(p, h->high, DIGITS_LINE);
	asy_jw_kbool(&p->w, "diverging", h->is_diverging);
	put_series(p, "line", h->line, h->line_n);
	put_marks(p, h->mark, h->mark_n);
	end_figure(p);
}

/* ---- tables ---- */

void plot_table_begin(plot *p, const char *const *head, size_t head_n)
{
	begin_block(p, "table");
	asy_jw_object(&p->w);
	asy_jw_key(&p->w, "head");
	asy_jw_array(&p->w);
	for (size_t i = 0; i < head_n; i++)
		asy_jw_str(&p->w, head[i]);
	asy_jw_end_array(&p->w);
	asy_jw_key(&p->w, "rows");
	asy_jw_array(&p->w);
	p->is_in_row = false;
}

void plot_table_row(plot *p)
{
	if (p->is_in_row)
		asy_jw_end_array(&p->w);
	asy_jw_array(&p->w);
	p->is_in_row = true;
}

void plot_cell(plot *p, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	asy_jw_str(&p->w, text);
}

void plot_table_end(plot *p)
{
	if (p->is_in_row)
		asy_jw_end_array(&p->w);
	asy_jw_end_array(&p->w);
	asy_jw_end_object(&p->w);
	asy_jw_end_object(&p->w);
}
