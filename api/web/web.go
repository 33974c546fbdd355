// Package web holds the pages that the interface serves, embedded: no build
// step, nothing from elsewhere, no code in the browser.
package web

import (
	"embed"
	"html/template"
	"io"
)

//go:embed *.html *.css
var files embed.FS

var reference = template.Must(template.ParseFS(files, "reference.html"))

// Reference is the page that describes the interface.
type Reference struct {
	Title    string
	Version  string
	Intro    []string // paragraphs
	Groups   []Group
	Problems []Problem
	Types    []Type
}

// Group is a part of the interface.
type Group struct {
	Name       string
	Text       string
	Operations []Operation
}

// Operation is one thing that the interface does.
type Operation struct {
	ID, Method, Path, Summary string
	Text                      []string // paragraphs
	Parameters                []Field
	Body                      []Field
	BodyOptional              bool
	Example                   string // of the body, JSON
	Command                   string // for a terminal
	Status                    string // of success
	Answer                    []Field
	AnswerType                string // where the answer is no JSON object
}

// Field is a parameter or a field of an object.
type Field struct {
	Name, In, Type, Text, Example string
	Link                          string // name of a Type, or empty
	Required                      bool
}

// Type is an object that several operations share.
type Type struct {
	Name   string
	Fields []Field
}

// Problem is a stable name of something that can go wrong.
type Problem struct {
	Type, Title, Detail string
	Status              int
}

// Render writes the page.
func (r Reference) Render(w io.Writer) error {
	return reference.ExecuteTemplate(w, "reference.html", r)
}

// Style is the page's style sheet.
func Style() []byte {
	b, err := files.ReadFile("reference.css")
	if err != nil {
		panic("web: embedded style sheet cannot be read: " + err.Error())
	}
	return b
}
