/* generate.c - writes samples/image.jsonl to standard output: 36 drawings to
 * recognise and 24 damaged pictures to restore, one challenge a line. Everything is
 * drawn from numbers by this program; there is no picture of anyone else in it. */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "draw.h"

#define GLYPH_SIDE 40
#define SCENE_SIDE 64
#define RECOGNISE_N 36
#define RESTORE_N 24

static const char origin[] =
	"\"source\": \"drawn by plugins/image/samples/generate.c\", \"licence\": \"Apache-2.0\"";

static void die(const char *what)
{
	(void)fprintf(stderr, "image_samples: %s\n", what);
	exit(EXIT_FAILURE);
}

static picture picture_new(int side, int channels)
{
	picture p = {side, side, channels, malloc((size_t)(side * side * channels))};
	if (p.px == NULL)
		die("out of memory");
	return p;
}

static void put_base64(const uint8_t *p, size_t n)
{
	static const char letter[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t v = (uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
					 (left > 2 ? p[i + 2] : 0);
		char quad[4] = {letter[v >> 18], letter[v >> 12 & 63], left > 1 ? letter[v >> 6 & 63] : '=',
						left > 2 ? letter[v & 63] : '='};
		(void)fwrite(quad, 1, sizeof quad, stdout);
	}
}

static void put_png(const picture *p)
{
	png_image image = {.version = PNG_IMAGE_VERSION,
					   .width = (png_uint_32)p->w,
					   .height = (png_uint_32)p->h,
					   .format = p->channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB};
	png_alloc_size_t len = PNG_IMAGE_PNG_SIZE_MAX(image);
	uint8_t *bytes = malloc(len);
	if (bytes == NULL || !png_image_write_to_memory(&image, bytes, &len, 0, p->px, 0, NULL))
		die("cannot write a PNG");
	(void)printf("\"png\": \"");
	put_base64(bytes, len);
	(void)printf("\"");
	free(bytes);
}

static void recognise(int number)
{
	const glyph_set *set = &glyph_sets[(size_t)number % glyph_sets_n];
	const glyph *g = &set->glyph[(size_t)number / glyph_sets_n % set->glyph_n];
	picture p = picture_new(GLYPH_SIDE, 1);
	dice d = {1000 + (uint64_t)number};
	draw_glyph(&p, g, &d);
	(void)printf("{\"id\": \"recognise-%02d\", \"prompt\": {\"id\": \"recognise-%02d\", "
				 "\"task\": \"classify\", \"question\": \"%s\", \"labels\": [",
				 number + 1, number + 1, set->question);
	for (size_t i = 0; i < set->glyph_n; i++)
		(void)printf("%s\"%s\"", i == 0 ? "" : ", ", set->glyph[i].names[0]);
	(void)printf("], ");
	put_png(&p);
	(void)printf("}, \"reference\": {\"labels\": [");
	for (size_t i = 0; i < 4 && g->names[i] != NULL; i++)
		(void)printf("%s\"%s\"", i == 0 ? "" : ", ", g->names[i]);
	(void)printf("]}, \"meta\": {\"task\": \"classify\", \"kind\": \"%s\", %s}}\n", set->kind,
				 origin);
	free(p.px);
}

static void restore(int number)
{
	const scene *s = &scenes[(size_t)number % scenes_n];
	const degradation *how = &degradations[(size_t)number % degradations_n];
	int channels = number % 3 == 2 ? 1 : 3;
	picture clean = picture_new(SCENE_SIDE, channels), damaged = picture_new(SCENE_SIDE, channels);
	dice d = {2000 + (uint64_t)number};
	draw_scene(&clean, s, 0.7 * number);
	memcpy(damaged.px, clean.px, (size_t)(SCENE_SIDE * SCENE_SIDE * channels));
	how->apply(&damaged, &d);
	(void)printf("{\"id\": \"restore-%02d\", \"prompt\": {\"id\": \"restore-%02d\", "
				 "\"task\": \"restore\", \"damage\": \"%s\", ",
				 number + 1, number + 1, how->name);
	put_png(&damaged);
	(void)printf("}, \"reference\": {");
	put_png(&clean);
	(void)printf("}, \"meta\": {\"task\": \"restore\", \"scene\": \"%s\", %s}}\n", s->name, origin);
	free(clean.px);
	free(damaged.px);
}

int main(void)
{
	for (int i = 0; i < RECOGNISE_N; i++)
		recognise(i);
	for (int i = 0; i < RESTORE_N; i++)
		restore(i);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
