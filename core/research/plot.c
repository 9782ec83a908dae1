/* Writes the page: style, charts, tables. Colours are classes, so that the one style
 * sheet decides about light and dark; the lines' eight were chosen to stay apart for
 * colour-blind readers, and every line also says its name on hover. */
#include <math.h>
#include "research/plot.h"

#define LEVELS 21 /* colour steps of a heat map */

static void put(plot *p, const char *text)
{
	if (p->st == ASSAY_OK)
		p->st = asy_buf_add_str(p->out, text, NULL);
}

static void putf(plot *p, const char *fmt, ...) ASSAY_PRINTF(2, 3);
static void putf(plot *p, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	put(p, text);
}

static void put_escaped(plot *p, const char *text)
{
	for (; *text != '\0'; text++) {
		const char one[2] = {*text, '\0'};
		put(p, *text == '<'   ? "&lt;"
			   : *text == '>' ? "&gt;"
			   : *text == '&' ? "&amp;"
			   : *text == '"' ? "&quot;"
							  : one);
	}
}

/* ---- page ---- */

static const char STYLE[] =
	":root{--page:#fbfbfa;--ink:#1c1c1a;--soft:#66645f;--grid:#e3e2de;--axis:#a9a7a1;"
	"--c0:#2a78d6;--c1:#e0632a;--c2:#139c6b;--c3:#c98a00;--c4:#6a4fc0;--c5:#d63a4e;--c6:#5c7f8a;"
	"--c7:#a0538f}"
	"@media(prefers-color-scheme:dark){:root{--page:#191918;--ink:#ecebe7;--soft:#a3a19a;"
	"--grid:#33322f;--axis:#6b6963;--c0:#5c9ff0;--c1:#f0875a;--c2:#3fc491;--c3:#e3b341;--c4:#"
	"a08cf0;"
	"--c5:#f06a7a;--c6:#8fb3be;--c7:#cf86c0}}"
	"body{background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif;"
	"max-width:76rem;margin:2rem auto;padding:0 1rem}"
	"h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.15rem;margin:2rem 0 .3rem}"
	"p{max-width:48rem}figure{margin:1rem 0;max-width:46rem}figcaption{font-weight:600}"
	".row{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem}.row figure{width:21rem}"
	"svg{width:100%;height:auto;display:block}"
	"svg text{fill:var(--soft);font:11px system-ui,sans-serif}"
	".g{stroke:var(--grid);stroke-width:1}.a{stroke:var(--axis);stroke-width:1}"
	".l{fill:none;stroke-width:1.8;stroke-linejoin:round}.f{stroke-width:1;opacity:.5}"
	".b{stroke-width:3}"
	".key{display:flex;flex-wrap:wrap;gap:.1rem 1rem;font-size:.85rem;color:var(--soft)}"
	".key i{display:inline-block;width:.8rem;height:.8rem;border-radius:.15rem;"
	"margin-right:.35rem;vertical-align:-.05rem}"
	"table{border-collapse:collapse;font-size:.9rem;margin:.6rem 0;display:block;overflow-x:auto}"
	"th,td{padding:.2rem .7rem;border-bottom:1px solid var(--grid);text-align:right;"
	"font-variant-numeric:tabular-nums;white-space:nowrap}"
	"th{color:var(--soft);font-weight:500}th:first-child,td:first-child{text-align:left}";

typedef struct {
	double r, g, b;
} rgb;

static rgb mix(rgb a, rgb b, double t)
{
	return (rgb){a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t};
}

/* h0 .. h20: diverging red - neutral - blue; q0 .. q20: neutral to blue. */
static void put_scale(plot *p, rgb low, rgb middle, rgb high)
{
	for (int i = 0; i < LEVELS; i++) {
		double t = i / (double)(LEVELS - 1);
		rgb d = t < 0.5 ? mix(low, middle, 2 * t) : mix(middle, high, 2 * t - 1);
		rgb q = mix(middle, high, t);
		putf(p, ".h%d{fill:#%02x%02x%02x}.q%d{fill:#%02x%02x%02x}", i, (unsigned)d.r, (unsigned)d.g,
			 (unsigned)d.b, i, (unsigned)q.r, (unsigned)q.g, (unsigned)q.b);
	}
}

plot plot_begin(asy_buf *out, const char *title)
{
	plot page = {out, ASSAY_OK}, *p = &page;
	put(p, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
		   "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>");
	put_escaped(p, title);
	put(p, "</title>\n<style>");
	put(p, STYLE);
	for (unsigned i = 0; i < PLOT_COLOURS; i++)
		putf(p, ".s%u{stroke:var(--c%u)}.k%u{background:var(--c%u)}", i, i, i, i);
	putf(p, ".s%u{stroke:var(--ink)}", PLOT_INK);
	put_scale(p, (rgb){190, 52, 40}, (rgb){240, 239, 234}, (rgb){24, 92, 176});
	put(p, "@media(prefers-color-scheme:dark){");
	put_scale(p, (rgb){235, 110, 95}, (rgb){56, 55, 52}, (rgb){100, 165, 245});
	put(p, "}</style></head>\n<body>\n<h1>");
	put_escaped(p, title);
	put(p, "</h1>\n");
	return page;
}

assay_status plot_end(plot *p, assay_err *err)
{
	put(p, "</body></html>\n");
	return p->st == ASSAY_OK ? ASSAY_OK : asy_err_set(err, p->st, "the page has no memory left");
}

void plot_heading(plot *p, const char *text)
{
	put(p, "<h2>");
	put_escaped(p, text);
	put(p, "</h2>\n");
}

void plot_paragraph(plot *p, const char *fmt, ...)
{
	char text[2048];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	put(p, "<p>");
	put_escaped(p, text);
	put(p, "</p>\n");
}

void plot_row_begin(plot *p)
{
	put(p, "<div class=\"row\">\n");
}

void plot_row_end(plot *p)
{
	put(p, "</div>\n");
}

/* ---- axes ---- */

/* The drawing's frame: data to pixels. */
typedef struct {
	double left, right, top, bottom; /* pixels */
	double x_min, x_max, y_min, y_max;
} frame;

static double to_x(const frame *f, double x)
{
	return f->left + (x - f->x_min) / (f->x_max - f->x_min) * (f->right - f->left);
}

static double to_y(const frame *f, double y)
{
	return f->bottom - (y - f->y_min) / (f->y_max - f->y_min) * (f->bottom - f->top);
}

/* A step of 1, 2 or 5 times a power of ten that gives about `want` ticks. */
static double tick_step(double range, int want)
{
	double raw = range / want, unit = pow(10, floor(log10(raw)));
	double lead = raw / unit;
	return unit * (lead <= 1.0001 ? 1 : lead <= 2.0001 ? 2 : lead <= 5.0001 ? 5 : 10);
}

static void put_axes(plot *p, const frame *f, const char *x_name, const char *y_name)
{
	double step = tick_step(f->y_max - f->y_min, 5);
	for (double y = ceil(f->y_min / step - 1e-9) * step; y <= f->y_max + step * 1e-9; y += step)
		putf(p,
			 "<path class=\"g\" d=\"M%.1f %.1fH%.1f\"/>"
			 "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%g</text>",
			 f->left, to_y(f, y), f->right, f->left - 6, to_y(f, y) + 4,
			 fabs(y) < step * 1e-6 ? 0 : y);
	step = tick_step(f->x_max - f->x_min, 6);
	for (double x = ceil(f->x_min / step - 1e-9) * step; x <= f->x_max + step * 1e-9; x += step)
		putf(p,
			 "<path class=\"a\" d=\"M%.1f %.1fv4\"/>"
			 "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%g</text>",
			 to_x(f, x), f->bottom, to_x(f, x), f->bottom + 16, fabs(x) < step * 1e-6 ? 0 : x);
	putf(p, "<path class=\"a\" d=\"M%.1f %.1fH%.1f\"/>", f->left, f->bottom, f->right);
	putf(p, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">", f->right, f->bottom + 31);
	put_escaped(p, x_name);
	putf(p, "</text><text x=\"%.1f\" y=\"%.1f\">", f->left - 34, f->top - 8);
	put_escaped(p, y_name);
	put(p, "</text>");
}

static frame begin_figure(plot *p, const char *title, bool is_square)
{
	double width = is_square ? 340 : 720, height = is_square ? 350 : 300;
	put(p, "<figure><figcaption>");
	put_escaped(p, title);
	putf(p, "</figcaption><svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"", width, height);
	put_escaped(p, title);
	put(p, "\">");
	return (frame){.left = 44, .right = width - 12, .top = 26, .bottom = height - 38};
}

static void put_series(plot *p, const frame *f, const plot_series *s)
{
	/* More points than pixels only make the page heavy. */
	size_t stride = s->n / 1500 + 1;
	bool is_pen_down = false;
	double last_x = 0, last_y = 0;
	putf(p, "<path class=\"l s%u%s%s\" d=\"",
		 s->colour == PLOT_INK ? PLOT_INK : s->colour % PLOT_COLOURS, s->is_faint ? " f" : "",
		 s->is_bold ? " b" : "");
	for (size_t i = 0; i < s->n; i += stride) {
		if (!isfinite(s->y[i])) {
			is_pen_down = false;
			continue;
		}
		double y = s->y[i] < f->y_min ? f->y_min : s->y[i] > f->y_max ? f->y_max : s->y[i];
		putf(p, "%c%.1f %.1f", is_pen_down ? 'L' : 'M', to_x(f, s->x[i]), to_y(f, y));
		is_pen_down = true;
		last_x = to_x(f, s->x[i]);
		last_y = to_y(f, y);
	}
	put(p, "\">");
	if (s->hint != NULL) {
		put(p, "<title>");
		put_escaped(p, s->hint);
		put(p, "</title>");
	}
	put(p, "</path>");
	if (s->label != NULL && is_pen_down) {
		bool is_at_edge = last_x > f->right - 24;
		putf(p, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", last_x + (is_at_edge ? -5 : 5),
			 last_y - 5, is_at_edge ? "end" : "start");
		put_escaped(p, s->label);
		put(p, "</text>");
	}
}

void plot_draw_lines(plot *p, const plot_lines *l)
{
	frame f = begin_figure(p, l->title, l->is_square);
	f.x_min = l->x_min;
	f.x_max = l->x_max > l->x_min ? l->x_max : l->x_min + 1;
	f.y_min = l->y_min;
	f.y_max = l->y_max;
	if (!(l->y_max > l->y_min)) {
		f.y_min = f.y_max = 0;
		for (size_t k = 0; k < l->series_n; k++)
			for (size_t i = 0; i < l->series[k].n; i++)
				if (isfinite(l->series[k].y[i])) {
					f.y_min = fmin(f.y_min, l->series[k].y[i]);
					f.y_max = fmax(f.y_max, l->series[k].y[i]);
				}
		f.y_max = f.y_max > f.y_min ? f.y_max + 0.05 * (f.y_max - f.y_min) : f.y_min + 1;
	}
	put_axes(p, &f, l->x_name, l->y_name);
	for (int bold = 0; bold < 2; bold++)
		for (size_t k = 0; k < l->series_n; k++)
			if (l->series[k].is_bold == (bold == 1))
				put_series(p, &f, &l->series[k]);
	put(p, "</svg><div class=\"key\">");
	for (size_t k = 0; k < l->key_n; k++) {
		putf(p, "<span><i class=\"k%u\"></i>", l->key[k].colour % PLOT_COLOURS);
		put_escaped(p, l->key[k].name);
		put(p, "</span>");
	}
	put(p, "</div></figure>\n");
}

/* ---- heat ---- */

static int level_of(const plot_heat *h, double v)
{
	double t = (v - h->low) / (h->high - h->low);
	if (h->is_diverging) /* each side by its own length, zero in the middle */
		t = v < 0 ? 0.5 - 0.5 * v / h->low : 0.5 + 0.5 * v / h->high;
	int level = (int)floor(t * (LEVELS - 1) + 0.5);
	return level < 0 ? 0 : level >= LEVELS ? LEVELS - 1 : level;
}

/* All cells of a level in one path: runs of equal cells become one rectangle. */
static void put_level(plot *p, const plot_heat *h, const frame *f, int level)
{
	double w = (f->right - f->left) / (double)h->x_n, t = (f->bottom - f->top) / (double)h->y_n;
	bool is_open = false;
	for (size_t y = 0; y < h->y_n; y++) {
		const double *row = h->value + y * h->x_n;
		for (size_t x = 0; x < h->x_n; x++) {
			size_t from = x;
			while (x < h->x_n && isfinite(row[x]) && level_of(h, row[x]) == level)
				x++;
			if (x == from)
				continue;
			if (!is_open)
				putf(p, "<path class=\"%c%d\" d=\"", h->is_diverging ? 'h' : 'q', level);
			is_open = true;
			/* a hair larger, or hairlines show between the rectangles */
			putf(p, "M%.2f %.2fh%.2fv%.2fh-%.2fz", f->left + w * (double)from,
				 f->bottom - t * (double)(y + 1), w * (double)(x - from) + 0.3, t + 0.3,
				 w * (double)(x - from) + 0.3);
		}
	}
	if (is_open)
		put(p, "\"/>");
}

static void put_legend(plot *p, const plot_heat *h)
{
	putf(p, "<svg viewBox=\"0 0 %d 34\">", h->is_square ? 340 : 720); /* as wide as the figure */
	for (int i = 0; i < LEVELS; i++)
		putf(p, "<path class=\"%c%d\" d=\"M%d 2h9v10h-9z\"/>", h->is_diverging ? 'h' : 'q', i,
			 44 + 9 * i);
	putf(p,
		 "<text x=\"44\" y=\"26\">%.3g</text><text x=\"%d\" y=\"26\" "
		 "text-anchor=\"end\">%.3g</text>",
		 h->low, 44 + 9 * LEVELS, h->high);
	if (h->is_diverging)
		putf(p, "<text x=\"%d\" y=\"26\" text-anchor=\"middle\">0</text>", 44 + 9 * LEVELS / 2);
	putf(p, "<text x=\"%d\" y=\"12\">", 52 + 9 * LEVELS);
	put_escaped(p, h->scale_name);
	put(p, "</text></svg>");
}

void plot_draw_heat(plot *p, const plot_heat *h)
{
	frame f = begin_figure(p, h->title, h->is_square);
	f.x_min = h->x_min;
	f.x_max = h->x_max;
	f.y_min = h->y_min;
	f.y_max = h->y_max;
	for (int level = 0; level < LEVELS; level++)
		put_level(p, h, &f, level);
	put_axes(p, &f, h->x_name, h->y_name);
	for (size_t k = 0; k < h->line_n; k++)
		put_series(p, &f, &h->line[k]);
	put(p, "</svg>");
	put_legend(p, h);
	put(p, "</figure>\n");
}

/* ---- tables ---- */

void plot_table_begin(plot *p, const char *const *head, size_t head_n)
{
	put(p, "<table><tr>");
	for (size_t i = 0; i < head_n; i++) {
		put(p, "<th>");
		put_escaped(p, head[i]);
		put(p, "</th>");
	}
	put(p, "</tr>");
}

void plot_table_row(plot *p)
{
	put(p, "\n<tr>");
}

void plot_cell(plot *p, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	put(p, "<td>");
	put_escaped(p, text);
	put(p, "</td>");
}

void plot_table_end(plot *p)
{
	put(p, "</table>\n");
}
