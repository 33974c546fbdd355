package domain

import (
	"slices"
	"strings"

	"github.com/certledger/certledger/domain/programme"
)

// tree is the parts of a measure in the order of the file, each before what is
// in it. The first node is the whole.
type tree []treeNode

type treeNode struct {
	part *programme.Part // nil for the whole
	up   int             // the node that it is a part of
	next int             // the first node after it that is not in it
}

// treeOf lays out parts.
func treeOf(parts []programme.Part) tree {
	t := make(tree, 1, 1+len(parts))
	t = t.with(parts, 0)
	t[0].next = len(t)
	return t
}

func (t tree) with(parts []programme.Part, up int) tree {
	for i := range parts {
		at := len(t)
		t = append(t, treeNode{part: &parts[i], up: up})
		t = t.with(parts[i].Parts, at)
		t[at].next = len(t)
	}
	return t
}

// node is the part that a fact is in: the first that it fits, and within that
// the first of its parts.
func (v *view) node(t tree, x *Evidence, fact *Fact) int {
	at, rest := 0, fact.Category
	for {
		child := at + 1
		for child < t[at].next {
			if below, ok := v.inPart(t[child].part, x, rest); ok {
				rest = below
				break
			}
			child = t[child].next
		}
		if child >= t[at].next {
			return at
		}
		at = child
	}
}

// inPart reports whether a fact is in a part, and what of its category is left
// to place it in the parts below.
func (v *view) inPart(p *programme.Part, x *Evidence, category string) (rest string, ok bool) {
	if p.Where != nil {
		return category, v.unfit(x, p.Where) == ""
	}
	rest, ok = strings.CutPrefix(category, p.Key)
	if !ok || rest != "" && rest[0] != '/' {
		return category, false
	}
	return strings.TrimPrefix(rest, "/"), true
}

// totals are the amounts of every node from what is in it and in none of its
// parts, bottom-up: no part counts for more than its bound.
func (t tree) totals(own []int64) []int64 {
	out := make([]int64, len(t))
	copy(out, own)
	for i := len(t) - 1; i > 0; i-- {
		if most := t[i].part.CountsUpTo; most != nil {
			out[i] = min(out[i], *most)
		}
		out[t[i].up] += out[i]
	}
	return out
}

// enough reports whether the whole reaches a bound and each part what it needs.
func (t tree) enough(own []int64, bound int64) bool {
	totals := t.totals(own)
	for i := 1; i < len(t); i++ {
		if least := t[i].part.AtLeast; least != nil && totals[i] < *least {
			return false
		}
	}
	return totals[0] >= bound
}

// nothing reports whether nothing counts in a node.
func (t tree) nothing(i int) bool {
	for ; i > 0; i = t[i].up {
		if most := t[i].part.CountsUpTo; most != nil && *most == 0 {
			return true
		}
	}
	return false
}

// path is the keys that lead to a node.
func (t tree) path(i int) string {
	if i == 0 {
		return ""
	}
	return strings.TrimPrefix(t.path(t[i].up)+"/"+t[i].part.Key, "/")
}

// category is what evidence in a node has as its category: the keys of those
// parts that are categories.
func (t tree) category(i int) string {
	if i == 0 {
		return ""
	}
	above := t.category(t[i].up)
	if t[i].part.Where != nil {
		return above
	}
	return strings.TrimPrefix(above+"/"+t[i].part.Key, "/")
}

// shown are the totals of the parts, sorted by path.
func (t tree) shown(totals []int64) []PartTotal {
	var out []PartTotal
	for i := 1; i < len(t); i++ {
		out = append(out, PartTotal{Path: t.path(i), Amount: totals[i]})
	}
	slices.SortFunc(out, func(a, b PartTotal) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// asked are the parts that need something of their own, in the order of the
// file.
func (t tree) asked(own []int64) []PartTotal {
	var out []PartTotal
	var totals []int64
	for i := 1; i < len(t); i++ {
		if least := t[i].part.AtLeast; least != nil {
			if totals == nil {
				totals = t.totals(own)
			}
			out = append(out, PartTotal{Path: t.path(i), Amount: totals[i], AtLeast: *least})
		}
	}
	return out
}
