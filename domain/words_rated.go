package domain

import (
	"fmt"
	"strings"
)

// namedItems is how many items a sentence names; of more it says the number.
const namedItems = 5

// askedWords says a question as it is recorded: with its number and its track.
func askedWords(question string, number int64) string {
	key, track, of := strings.Cut(question, "/")
	out := numbered(key, number)
	if of {
		out += " for " + spoken(track)
	}
	return out
}

// itemWords is the name of an item without its section.
func itemWords(item string) string { return spoken(item[strings.LastIndexByte(item, '/')+1:]) }

// ratingWords says which items a judgement is to rate how.
func (n Need) ratingWords(of string) string {
	var parts []string
	for i := 0; i < len(n.Ratings); {
		k := i
		for k < len(n.Ratings) && n.Ratings[k].Answer == n.Ratings[i].Answer {
			k++
		}
		parts = append(parts, itemsWords(n.Ratings[i:k])+" "+spoken(n.Ratings[i].Answer)+" or higher")
		i = k
	}
	if n.As == Consensus {
		of = "joint " + of
	}
	return of + ": " + strings.Join(parts, ", ")
}

// itemsWords names a few items, and counts many.
func itemsWords(items []Rating) string {
	names := make([]string, len(items))
	for i, x := range items {
		names[i] = itemWords(x.Item)
	}
	switch n := len(names); {
	case n == 1:
		return "item " + names[0]
	case n > namedItems:
		return fmt.Sprintf("%d items", n)
	default:
		return "items " + strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}

// ratedWords says how many items are rated as is asked for, and which are not.
func ratedWords(r Result) string {
	if r.Left == nil {
		return "not rated yet"
	}
	out := fmt.Sprintf("%s of %s items rated %s or higher", amountOnly(r.Left), amountOnly(r.Right), spoken(r.Right.Word))
	if len(r.Short) == 0 || len(r.Short) > namedItems {
		return out
	}
	for i, x := range r.Short {
		how := "not rated yet"
		if x.Answer != "" {
			how = spoken(x.Answer)
		}
		lead := ", "
		if i == 0 {
			lead = "; "
		}
		out += fmt.Sprintf("%s%s (%s)", lead, itemWords(x.Item), how)
	}
	return out
}

// reachedWords says what a total is enough for, and what the next level asks.
func reachedWords(r Result) string {
	out := r.Left.words() + " counted, enough for " + spoken(r.Supports)
	if r.Verdict != Met {
		out += "; " + spoken(r.Right.Word) + " asks for " + Quantity(*r.Right.Number, r.Right.Unit)
	}
	return out
}
