/* draw.h - the pictures of the sample challenges, drawn from numbers.
 * Part of the generator of samples/image.jsonl; not part of the plugin. */
#ifndef IMAGE_SAMPLES_DRAW_H
#define IMAGE_SAMPLES_DRAW_H
#include <stddef.h>
#include <stdint.h>

typedef struct {
	int w, h, channels; /* 1 grey, 3 RGB */
	uint8_t *px;
} picture;

/* splitmix64: the same pictures on every machine. */
typedef struct {
	uint64_t s;
} dice;
uint64_t dice_next(dice *d);
double dice_unit(dice *d);   /* [0, 1)                                        */
double dice_normal(dice *d); /* mean 0, deviation 1 (sum of twelve uniforms)  */

/* A thing to recognise; names[0] is the one in the list of candidates. */
typedef struct {
	const char *names[4];                 /* accepted names, NULL after the last */
	const char *strokes;                  /* polylines on a 4 x 6 grid, "x,y x,y;..." or NULL */
	double (*inside)(double x, double y); /* signed, positive inside, or NULL */
} glyph;
typedef struct {
	const char *kind, *question;
	const glyph *glyph;
	size_t glyph_n;
} glyph_set;
extern const glyph_set glyph_sets[];
extern const size_t glyph_sets_n;

/* The glyph turned, scaled, shifted, with noise; dst is grey. */
void draw_glyph(picture *dst, const glyph *g, dice *d);

typedef struct {
	const char *name;
	void (*colour)(double x, double y, double seed, double rgb[3]); /* 0..1 each */
} scene;
extern const scene scenes[];
extern const size_t scenes_n;
void draw_scene(picture *dst, const scene *s, double seed);

typedef struct {
	const char *name;
	void (*apply)(picture *p, dice *d);
} degradation;
extern const degradation degradations[];
extern const size_t degradations_n;
#endif
