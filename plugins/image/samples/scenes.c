/* scenes.c - originals of the restoration challenges, and what is done to them.
 * Each scene is a function of place alone: smooth, edged, textured or mixed, so that
 * no single filter restores them all. */
#include <math.h>
#include <string.h>
#include "draw.h"

static void plasma(double x, double y, double s, double c[3])
{
	for (int i = 0; i < 3; i++)
		c[i] = 0.5 + 0.25 * sin(9 * x + s + 2 * i) + 0.25 * sin(7 * y - s * (1 + i) + 5 * x * y);
}

static void sphere(double x, double y, double s, double c[3])
{
	double u = x - 0.5, v = y - 0.5, r = u * u + v * v;
	double sky = 0.35 + 0.4 * y;
	c[0] = 0.4 * sky;
	c[1] = 0.6 * sky;
	c[2] = sky;
	if (r > 0.12)
		return;
	double z = sqrt(0.12 - r) / 0.3464;
	double light = fmax(0, 0.6 * z - 0.9 * u * cos(s) - 0.9 * v * sin(s));
	c[0] = 0.15 + 0.8 * light;
	c[1] = 0.1 + 0.5 * light + 0.3 * pow(light, 8);
	c[2] = 0.1 + 0.3 * light + 0.4 * pow(light, 8);
}

static void voronoi(double x, double y, double s, double c[3])
{
	double best = 9, second = 9;
	int owner = 0;
	for (int i = 0; i < 14; i++) {
		double px = fabs(fmod(sin(i * 12.9898 + s) * 43.7585, 1));
		double py = fabs(fmod(sin(i * 78.233 + 2 * s) * 24.6345, 1));
		double d = sqrt((x - px) * (x - px) + (y - py) * (y - py));
		if (d < best) {
			second = best;
			best = d;
			owner = i;
		} else if (d < second) {
			second = d;
		}
	}
	double edge = second - best < 0.02 ? 0.15 : 1;
	for (int i = 0; i < 3; i++)
		c[i] = edge * (0.35 + 0.3 * sin(owner * 1.7 + 2.1 * i + s) + 0.3 * (1 - 2 * best));
}

static void mandelbrot(double x, double y, double s, double c[3])
{
	double a = -0.75 + 0.35 * cos(s) + (x - 0.5) * 0.9, b = 0.25 * sin(s) + (y - 0.5) * 0.9;
	double p = 0, q = 0;
	int n = 0;
	for (; n < 40 && p * p + q * q < 4; n++) {
		double t = p * p - q * q + a;
		q = 2 * p * q + b;
		p = t;
	}
	double t = n / 40.0;
	c[0] = n == 40 ? 0.05 : sqrt(t);
	c[1] = n == 40 ? 0.05 : t;
	c[2] = n == 40 ? 0.2 : 0.5 + 0.5 * cos(4 * t);
}

static void wood(double x, double y, double s, double c[3])
{
	double u = x - 0.3 - 0.1 * sin(s), v = y + 0.4;
	double r = sqrt(u * u + 0.4 * v * v) + 0.02 * sin(20 * y + s) + 0.01 * sin(37 * x);
	double ring = 0.5 + 0.5 * sin(45 * r);
	c[0] = 0.45 + 0.35 * ring;
	c[1] = 0.28 + 0.25 * ring;
	c[2] = 0.14 + 0.12 * ring;
}

static void tiles(double x, double y, double s, double c[3])
{
	double depth = 0.35 + y, u = (x - 0.5) / depth + s, v = 1.6 / depth;
	int odd = ((int)floor(u * 5) + (int)floor(v * 5)) & 1;
	double fog = fmin(1, 0.25 + y);
	for (int i = 0; i < 3; i++)
		c[i] = (odd ? 0.85 - 0.15 * i : 0.12 + 0.12 * i) * fog + 0.2 * (1 - fog);
}

static void hills(double x, double y, double s, double c[3])
{
	c[0] = 0.95 - 0.4 * y;
	c[1] = 0.75 - 0.2 * y;
	c[2] = 0.6 + 0.2 * y;
	for (int i = 0; i < 4; i++) {
		double top = 0.35 + 0.15 * i + 0.07 * sin((4 + 3 * i) * x + s * (i + 1)) +
					 0.03 * sin((13 + 5 * i) * x - s);
		if (y > top) {
			c[0] = 0.45 - 0.1 * i;
			c[1] = 0.5 - 0.09 * i;
			c[2] = 0.5 - 0.11 * i;
		}
	}
}

static void weave(double x, double y, double s, double c[3])
{
	double u = fmod(x * 8 + 8, 1) - 0.5, v = fmod(y * 8 + 8, 1) - 0.5;
	int over = ((int)floor(x * 8) + (int)floor(y * 8)) & 1;
	double across = 0.25 + 0.6 * cos(3 * v), along = 0.25 + 0.6 * cos(3 * u);
	double t = over ? (fabs(v) < 0.36 ? across : along) : (fabs(u) < 0.36 ? along : across);
	int first = over == (fabs(over ? v : u) < 0.36);
	c[0] = t * (first ? 0.9 : 0.35 + 0.1 * sin(s));
	c[1] = t * (first ? 0.6 : 0.55);
	c[2] = t * (first ? 0.3 : 0.9);
}

const scene scenes[] = {
	{"plasma", plasma},         {"lit sphere", sphere},
	{"voronoi cells", voronoi}, {"mandelbrot set", mandelbrot},
	{"wood grain", wood},       {"tiled floor", tiles},
	{"hills at dusk", hills},   {"woven cloth", weave},
};
const size_t scenes_n = sizeof scenes / sizeof scenes[0];

static uint8_t byte(double v)
{
	return (uint8_t)fmin(255, fmax(0, floor(v + 0.5)));
}

void draw_scene(picture *dst, const scene *s, double seed)
{
	for (int y = 0; y < dst->h; y++)
		for (int x = 0; x < dst->w; x++) {
			double c[3];
			uint8_t *p = dst->px + (y * dst->w + x) * dst->channels;
			s->colour((x + 0.5) / dst->w, (y + 0.5) / dst->h, seed, c);
			if (dst->channels == 1)
				p[0] = byte(255 * (0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2]));
			for (int i = 0; i < 3 && dst->channels == 3; i++)
				p[i] = byte(255 * c[i]);
		}
}

/* ---- degradations: heavy, so that there is something to win ---- */

static size_t samples(const picture *p)
{
	return (size_t)(p->w * p->h * p->channels);
}

static void noise(picture *p, dice *d)
{
	for (size_t i = 0; i < samples(p); i++)
		p->px[i] = byte(p->px[i] + 50 * dice_normal(d));
}

static void impulses(picture *p, dice *d)
{
	size_t step = (size_t)p->channels;
	for (size_t i = 0; i < samples(p); i += step)
		if (dice_unit(d) < 0.3)
			memset(p->px + i, dice_unit(d) < 0.5 ? 0 : 255, step);
}

static void missing_blocks(picture *p, dice *d)
{
	for (int n = 0; n < 28; n++) {
		int x0 = (int)(dice_unit(d) * (p->w - 7)), y0 = (int)(dice_unit(d) * (p->h - 7));
		for (int y = y0; y < y0 + 8 && y < p->h; y++)
			for (int x = x0; x < x0 + 8 && x < p->w; x++)
				memset(p->px + (y * p->w + x) * p->channels, 0, (size_t)p->channels);
	}
}

static void faded(picture *p, dice *d)
{
	for (size_t i = 0; i < samples(p); i++)
		p->px[i] = byte(170 + 0.25 * (p->px[i] - 128) + 6 * dice_normal(d));
}

static void blocks_and_noise(picture *p, dice *d)
{
	for (int y = 0; y < p->h; y++)
		for (int x = 0; x < p->w; x++)
			for (int c = 0; c < p->channels; c++) {
				int from = ((y / 4 * 4) * p->w + x / 4 * 4) * p->channels + c;
				double v = p->px[from] + (x % 4 + y % 4 > 0 ? 0 : 25 * dice_normal(d));
				p->px[(y * p->w + x) * p->channels + c] = byte(v);
			}
}

const degradation degradations[] = {
	{"Gaussian noise, standard deviation 50", noise},
	{"30 % of the pixels black or white", impulses},
	{"28 missing blocks of 8 x 8", missing_blocks},
	{"contrast cut to a quarter, brightened, light noise", faded},
	{"4 x 4 blocks of one noisy value each", blocks_and_noise},
};
const size_t degradations_n = sizeof degradations / sizeof degradations[0];
