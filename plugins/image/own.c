/* own.c - least squares in blocks by orthogonal columns. */
#include "own.h"
#include <math.h>
#include <stdlib.h>

enum { SIDE = IMAGE_OWN_BLOCK, CELLS = SIDE * SIDE, COLUMNS = 7 };
#define LEAST 0.4 /* levels in the root mean square: above what rounding leaves */

struct image_own_block {
	double column[COLUMNS][CELLS];
	size_t n;
	uint32_t x0, y0;
};

static double luma(const image_raster *r, int64_t x, int64_t y)
{
	size_t at_x = x < 0 ? 0 : x >= r->w ? r->w - 1 : (size_t)x;
	size_t at_y = y < 0 ? 0 : y >= r->h ? r->h - 1 : (size_t)y;
	const uint8_t *p = r->rgb + (at_y * r->w + at_x) * 3;
	return (19595.0 * p[0] + 38470.0 * p[1] + 7471.0 * p[2]) / 65536;
}

/* Mean of the square of that many pixels around each pixel of the block. */
static void column_of(const image_raster *r, uint32_t x0, uint32_t y0, int radius,
					  double out[CELLS])
{
	for (int i = 0; i < CELLS; i++) {
		double sum = 0;
		for (int dy = -radius; dy <= radius; dy++)
			for (int dx = -radius; dx <= radius; dx++)
				sum += luma(r, (int64_t)x0 + i % SIDE + dx, (int64_t)y0 + i / SIDE + dy);
		out[i] = sum / ((2 * radius + 1) * (2 * radius + 1));
	}
}

static double product(const double *a, const double *b)
{
	double sum = 0;
	for (int i = 0; i < CELLS; i++)
		sum += a[i] * b[i];
	return sum;
}

/* Takes the unit columns out of v. */
static void take_out(double column[][CELLS], size_t n, double v[CELLS])
{
	for (size_t k = 0; k < n; k++) {
		double share = product(column[k], v);
		for (int i = 0; i < CELLS; i++)
			v[i] -= share * column[k][i];
	}
}

/* The constant, the original and the input, and these two through squares of 3 and 5. */
static void explain(const image_raster *original, const image_raster *input, image_own_block *b)
{
	b->n = 0;
	for (int k = 0; k < COLUMNS; k++) {
		double *c = b->column[b->n];
		for (int i = 0; k == 0 && i < CELLS; i++)
			c[i] = 1;
		if (k > 0)
			column_of(k % 2 == 1 ? original : input, b->x0, b->y0, (k - 1) / 2, c);
		double before = product(c, c);
		take_out(b->column, b->n, c);
		take_out(b->column, b->n, c); /* once more: the first leaves rounding behind */
		double left = product(c, c);
		if (left <= before * 1e-9)
			continue; /* says nothing new */
		for (int i = 0; i < CELLS; i++)
			c[i] /= sqrt(left);
		b->n++;
	}
}

image_rc image_own_new(const image_raster *original, const image_raster *input, image_own *out)
{
	size_t across = original->w / SIDE, all = across * (original->h / SIDE);
	size_t n = all < IMAGE_OWN_BLOCKS ? all : IMAGE_OWN_BLOCKS;
	*out = (image_own){NULL, 0};
	if (n == 0)
		return IMAGE_DONE;
	image_own_block *block = malloc(n * sizeof *block);
	if (block == NULL)
		return IMAGE_NOMEM;
	for (size_t i = 0; i < n; i++) {
		size_t at = i * all / n;
		block[i].x0 = (uint32_t)(at % across) * SIDE;
		block[i].y0 = (uint32_t)(at / across) * SIDE;
		explain(original, input, &block[i]);
	}
	*out = (image_own){block, n};
	return IMAGE_DONE;
}

void image_own_fini(image_own *o)
{
	free(o->block);
	*o = (image_own){NULL, 0};
}

const float *image_own_of(const image_own *o, plg_arena *a, const image_raster *answer, size_t *n)
{
	float *out = plg_arena_take(a, o->n * CELLS, sizeof *out);
	double square = 0;
	*n = o->n * CELLS;
	if (out == NULL)
		return NULL;
	for (size_t k = 0; k < o->n; k++) {
		image_own_block *b = &o->block[k];
		double v[CELLS];
		column_of(answer, b->x0, b->y0, 0, v);
		take_out(b->column, b->n, v);
		square += product(v, v);
		for (size_t i = 0; i < CELLS; i++)
			out[k * CELLS + i] = (float)v[i];
	}
	if (*n == 0 || square < LEAST * LEAST * (double)*n)
		return NULL;
	for (size_t i = 0; i < *n; i++)
		out[i] = (float)(out[i] / sqrt(square));
	return out;
}
