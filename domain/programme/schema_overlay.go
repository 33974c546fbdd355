package programme

import "slices"

// overlayTables describe an overlay, and what a resolved programme keeps of it.
func overlayTables() []tableForm {
	all := headTables()
	header := slices.DeleteFunc(slices.Clone(all[0].keys), func(k keyForm) bool {
		return !slices.Contains(overlayKeys, k.key) || k.key == "based-on"
	})
	for i, k := range header {
		header[i].need = k.need && k.key != "pinned-by" && k.key != "time-zone"
	}
	overlay := tableForm{name: "overlay", says: "A programme laid over another: what it adds, replaces, removes and sets.", keys: append(
		header,
		need("based-on", refTo("base"), "The programme that this one is laid over."),
		may("set", namesOf(refTo("setting")), "By parameter of the base: another value, and why."),
		may("replace", refTo("replacing"), "By section and name of the base: what stands there instead, and why."),
		may("remove", refTo("removing"), "By section and name of the base: what is gone, and why."),
		may("add", refTo("adding"), "By section: what the base does not have."),
	)}
	reasons := []keyForm{
		may("because", aText, "Why; for whoever reads the rules."),
		may("loosens", aTruth, "Said aloud where it asks less than the base."),
	}
	out := []tableForm{
		overlay,
		{name: "base", says: "The programme that an overlay is laid over.", keys: []keyForm{
			need("programme", aName, "Its name."), need("version", form{"type": "integer", "minimum": 1}, "Its version."),
			may("digest", form{"type": "string", "pattern": digestForm.String()}, "The digest of its exact text."),
		}},
		{name: "based-on", says: "What a resolved programme was laid over.", keys: []keyForm{
			need("programme", aName, "Its name."), need("version", form{"type": "integer", "minimum": 1}, "Its version."),
			may("digest", form{"type": "string", "pattern": digestForm.String()}, "The digest of its exact text."),
			may("based-on", refTo("based-on"), "What that one was laid over."),
		}},
		{name: "change", says: "One thing that an overlay did.", keys: with(
			reasons, need("does", oneWord(DoesAdd, DoesReplace, DoesSet, DoesRemove, DoesDrop, DoesKeep), "What it did."),
		)},
		{name: "setting", says: "Another value of a parameter of the base.", keys: slices.Concat(reasons, rests(), []keyForm{
			need("is", parameterValue, "The value."), may("unit", aText, "The unit of bare numbers."), may("otherwise", aNumber, "For a table: the number of what it does not name."),
		})},
		{name: "reason", says: "Why something of the base is gone.", keys: reasons},
		{name: "adding", says: "What the base does not have.", keys: sections(false)},
	}
	return append(out, replaced(reasons)...)
}

// replaced describe what an overlay may put in the place of something of its
// base, section by section: the whole thing, and why.
func replaced(reasons []keyForm) []tableForm {
	whole := map[string]tableForm{}
	for _, t := range wholeTables() {
		whole[t.name] = t
	}
	replacing := tableForm{name: "replacing", says: "By section and name: what stands there instead of the base's."}
	removing := tableForm{name: "removing", says: "By section and name: what is gone."}
	var out []tableForm
	of := func(name string) form {
		t := whole[name]
		t.name, t.keys = name+"-instead", with(t.keys, reasons...)
		out = append(out, t)
		return refTo(t.name)
	}
	gone := refTo("reason")
	section := func(key string, instead, without form) {
		replacing.keys = append(replacing.keys, may(key, instead, "What stands there instead."))
		removing.keys = append(removing.keys, may(key, without, "What is gone."))
	}
	for _, key := range sorted(itemOf) {
		if key != "parameters" { // those are set
			section(key, namesOf(of(itemOf[key])), namesOf(gone))
		}
	}
	section("classes", of("classes"), gone)
	section("tracks", of("tracks"), gone)
	section("modules", of("modules"), gone)
	field, acceptance := namesOf(of("field")), namesOf(of("acceptance"))
	section("registration",
		form{"type": "object", "properties": form{"fields": field, "accepts": acceptance}, "additionalProperties": false},
		form{"type": "object", "properties": form{"fields": namesOf(gone), "accepts": namesOf(gone)}, "additionalProperties": false})
	phases := aftermathForm()
	phases["properties"] = form{"begins": aMoment, "because": aText, "loosens": aTruth}
	section("after", namesOf(phases), namesOf(gone))
	removing.keys = append(removing.keys, may("parameters", namesOf(gone), "What is gone."), may("shown-only", gone, "What is gone."))
	return append(out, replacing, removing)
}
