package programme

import (
	"fmt"
	"slices"
)

// Find gives the source of a version of a programme, resolved or an overlay
// itself, or nil where it is not to be had.
type Find func(programme string, version int) []byte

// Complete is a source that Parse reads alone: an overlay is laid over its
// base, and a base that is an overlay over its own first; any other source is
// what it was. Errors have places in the overlay.
func Complete(src []byte, from Find) ([]byte, error) {
	return complete(src, from, nil)
}

func complete(src []byte, from Find, way []Lain) ([]byte, error) {
	on, ok := OverlayOf(src)
	if !ok {
		return src, nil
	}
	text := read([]byte(overlayText(src)))
	at := text.root.child("based-on")
	refuse := func(hint, format string, args ...any) ([]byte, error) {
		text.errorAt(at.line, at.col, "based-on", fmt.Sprintf(format, args...), hint)
		return nil, text.errs.shown()
	}
	own := baseNamed(text.root)
	way = append(way, Lain{Programme: own.Programme, Version: own.Version})
	next := Lain{Programme: on.Programme, Version: on.Version}
	if on.Programme == "" || on.Version == 0 {
		return refuse("write based-on: {programme: …, version: …}", "an overlay says which programme and version it is laid over")
	}
	if i := slices.Index(way, next); i >= 0 {
		round := ""
		for _, x := range way[i:] {
			round += versionName(x.Programme, x.Version) + " → "
		}
		return refuse("one of them must stand alone", "these lie over one another in a circle: %s", round+versionName(next.Programme, next.Version))
	}
	if len(way) > OverlaysMax {
		return refuse("lay it over an earlier programme of these", "more than %d overlays lie over one another", OverlaysMax)
	}
	found := from(on.Programme, on.Version)
	if found == nil {
		return refuse("put its file beside this one, or publish it first", "%s is needed, and is not to be found", versionName(on.Programme, on.Version))
	}
	below, err := complete(found, from, way)
	if err != nil {
		return refuse("", "in %s: %s", versionName(on.Programme, on.Version), firstOf(err))
	}
	base, err := Parse(below)
	if err != nil {
		return refuse("", "in %s: %s", versionName(on.Programme, on.Version), firstOf(err))
	}
	return Resolve(src, base)
}

// firstOf is the first mistake of several.
func firstOf(err error) string {
	if all, ok := err.(Errors); ok && len(all) > 0 {
		return all[0].Error()
	}
	return err.Error()
}

// NameOf is the programme and version that a source gives itself. It is false
// for what cannot be read.
func NameOf(src []byte) (Base, bool) {
	s := read(src)
	if len(s.errs) > 0 || s.root == nil {
		return Base{}, false
	}
	b := baseNamed(s.root)
	return Base{Programme: b.Programme, Version: b.Version}, b.Programme != "" && b.Version > 0
}
