/* glyphs.c - digits, letters and shapes, from strokes and inequalities of our own. */
#include <math.h>
#include <stdlib.h>
#include "draw.h"

uint64_t dice_next(dice *d)
{
	uint64_t z = (d->s += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

double dice_unit(dice *d)
{
	return (double)(dice_next(d) >> 11) * 0x1p-53;
}

double dice_normal(dice *d)
{
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += dice_unit(d);
	return sum;
}

/* ---- shapes: positive inside; the unit is half the picture ---- */

static double circle(double x, double y)
{
	return 0.8 - sqrt(x * x + y * y);
}
static double ring(double x, double y)
{
	return 0.2 - fabs(sqrt(x * x + y * y) - 0.6);
}
static double square(double x, double y)
{
	return 0.7 - fmax(fabs(x), fabs(y));
}
static double diamond(double x, double y)
{
	return 0.9 - fabs(x) * 1.4 - fabs(y);
}
static double cross(double x, double y)
{
	double bar = fmin(0.85 - fabs(x), 0.26 - fabs(y));
	return fmax(bar, fmin(0.85 - fabs(y), 0.26 - fabs(x)));
}
static double triangle(double x, double y)
{
	return fmin(0.55 - y, 0.45 + 0.5 * y - 0.866 * fabs(x) + 0.1);
}
static double crescent(double x, double y)
{
	double bite = sqrt((x - 0.38) * (x - 0.38) + y * y) - 0.66;
	return fmin(circle(x, y), bite);
}
static double heart(double x, double y)
{
	double u = 1.35 * x, v = 0.15 - 1.35 * y, a = u * u + v * v - 1;
	return -(a * a * a - u * u * v * v * v);
}
static double arrow(double x, double y)
{
	double shaft = fmin(0.16 - fabs(y), fmin(x + 0.85, 0.2 - x));
	double head = fmin(x - 0.05, 0.8 - x - 1.25 * fabs(y));
	return fmax(shaft, head);
}
/* Inside a regular polygon of n sides and apothem 0.7. */
static double polygon(double x, double y, int n)
{
	double least = 1;
	for (int i = 0; i < n; i++) {
		double a = 6.283185307179586 * (i + 0.5) / n - 1.5707963267948966;
		least = fmin(least, 0.7 - (x * cos(a) + y * sin(a)));
	}
	return least;
}
static double pentagon(double x, double y)
{
	return polygon(x, y, 5);
}
static double hexagon(double x, double y)
{
	return polygon(x, y, 6);
}
static double star(double x, double y)
{
	double r = sqrt(x * x + y * y), turn = 6.283185307179586 / 5;
	double a = atan2(x, -y);
	a = fabs(a - turn * floor(a / turn + 0.5)); /* to the nearest of five points */
	return 0.38 - r * (cos(a) * 0.43 + sin(a) * 0.92);
}

static const glyph shapes[] = {
	{{"circle", "disc", "disk"}, NULL, circle},
	{{"ring", "annulus", "donut"}, NULL, ring},
	{{"square"}, NULL, square},
	{{"diamond", "rhombus", "lozenge"}, NULL, diamond},
	{{"cross", "plus", "plus sign"}, NULL, cross},
	{{"triangle"}, NULL, triangle},
	{{"crescent", "moon", "crescent moon"}, NULL, crescent},
	{{"heart"}, NULL, heart},
	{{"arrow"}, NULL, arrow},
	{{"pentagon"}, NULL, pentagon},
	{{"hexagon"}, NULL, hexagon},
	{{"star", "five-pointed star"}, NULL, star},
};

/* ---- strokes: points of a 4 x 6 grid, y down ---- */

static const glyph digits[] = {
	{{"0", "zero"}, "1,0 3,0 4,1 4,5 3,6 1,6 0,5 0,1 1,0", NULL},
	{{"1", "one"}, "1,1 2,0 2,6;1,6 3,6", NULL},
	{{"2", "two"}, "0,1 1,0 3,0 4,1 4,2 0,6 4,6", NULL},
	{{"3", "three"}, "0,0 4,0 2,2 3,2 4,3 4,5 3,6 1,6 0,5", NULL},
	{{"4", "four"}, "3,6 3,0 0,4 4,4", NULL},
	{{"5", "five"}, "4,0 0,0 0,2 3,2 4,3 4,5 3,6 0,6", NULL},
	{{"6", "six"}, "3,0 1,0 0,2 0,5 1,6 3,6 4,5 4,4 3,3 0,3", NULL},
	{{"7", "seven"}, "0,0 4,0 1,6", NULL},
	{{"8", "eight"}, "1,3 0,2 0,1 1,0 3,0 4,1 4,2 3,3 1,3 0,4 0,5 1,6 3,6 4,5 4,4 3,3", NULL},
	{{"9", "nine"}, "4,3 1,3 0,2 0,1 1,0 3,0 4,1 4,4 3,6 1,6", NULL},
};

static const glyph letters[] = {
	{{"A"}, "0,6 2,0 4,6;1,4 3,4", NULL},
	{{"C"}, "4,1 3,0 1,0 0,1 0,5 1,6 3,6 4,5", NULL},
	{{"E"}, "4,0 0,0 0,6 4,6;0,3 3,3", NULL},
	{{"F"}, "4,0 0,0 0,6;0,3 3,3", NULL},
	{{"H"}, "0,0 0,6;4,0 4,6;0,3 4,3", NULL},
	{{"K"}, "0,0 0,6;4,0 0,3 4,6", NULL},
	{{"L"}, "0,0 0,6 4,6", NULL},
	{{"M"}, "0,6 0,0 2,3 4,0 4,6", NULL},
	{{"N"}, "0,6 0,0 4,6 4,0", NULL},
	{{"R"}, "0,6 0,0 3,0 4,1 4,2 3,3 0,3;2,3 4,6", NULL},
	{{"T"}, "0,0 4,0;2,0 2,6", NULL},
	{{"X"}, "0,0 4,6;4,0 0,6", NULL},
	{{"Y"}, "0,0 2,3 4,0;2,3 2,6", NULL},
	{{"Z"}, "0,0 4,0 0,6 4,6", NULL},
};

const glyph_set glyph_sets[] = {
	{"digit", "Which digit is drawn?", digits, sizeof digits / sizeof digits[0]},
	{"letter", "Which letter is drawn?", letters, sizeof letters / sizeof letters[0]},
	{"shape", "Which shape is drawn?", shapes, sizeof shapes / sizeof shapes[0]},
};
const size_t glyph_sets_n = sizeof glyph_sets / sizeof glyph_sets[0];

static double to_segment(double x, double y, const double a[2], const double b[2])
{
	double ux = b[0] - a[0], uy = b[1] - a[1], len = ux * ux + uy * uy;
	double t = len > 0 ? ((x - a[0]) * ux + (y - a[1]) * uy) / len : 0;
	t = fmin(1, fmax(0, t));
	double dx = x - a[0] - t * ux, dy = y - a[1] - t * uy;
	return sqrt(dx * dx + dy * dy);
}

/* Distance of (x, y) from the nearest stroke, in units of half the picture. */
static double to_strokes(const char *s, double x, double y)
{
	double best = 9, last[2] = {0, 0};
	int joined = 0;
	while (*s != '\0') {
		char *end;
		double p[2] = {strtod(s, &end) * 0.3 - 0.6, 0};
		p[1] = strtod(end + 1, &end) * 0.25 - 0.75;
		if (joined)
			best = fmin(best, to_segment(x, y, last, p));
		joined = *end != ';';
		last[0] = p[0];
		last[1] = p[1];
		s = *end == '\0' ? end : end + 1;
	}
	return best;
}

void draw_glyph(picture *dst, const glyph *g, dice *d)
{
	double angle = (dice_unit(d) - 0.5) * 0.5, scale = 1.05 + 0.35 * dice_unit(d);
	double shift_x = (dice_unit(d) - 0.5) * 0.3, shift_y = (dice_unit(d) - 0.5) * 0.3;
	double ink = 150 + 80 * dice_unit(d), paper = 20 + 60 * dice_unit(d),
		   sd = 12 + 18 * dice_unit(d);
	double pen = 0.11 + 0.06 * dice_unit(d);
	for (int y = 0; y < dst->h; y++)
		for (int x = 0; x < dst->w; x++) {
			double u = 2.0 * x / (dst->w - 1) - 1 - shift_x,
				   v = 2.0 * y / (dst->h - 1) - 1 - shift_y;
			double p = scale * (cos(angle) * u + sin(angle) * v);
			double q = scale * (cos(angle) * v - sin(angle) * u);
			double depth =
				g->strokes != NULL ? pen - to_strokes(g->strokes, p, q) : g->inside(p, q);
			double cover = fmin(1, fmax(0, 0.5 + depth * 10)); /* a soft edge */
			double value = paper + (ink - paper) * cover + sd * dice_normal(d);
			dst->px[y * dst->w + x] = (uint8_t)fmin(255, fmax(0, floor(value + 0.5)));
		}
}
