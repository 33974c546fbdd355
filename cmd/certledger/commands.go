package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"
)

// commands are what the program can do, in the order of its help.
func (a *app) commands() []*cobra.Command {
	return []*cobra.Command{
		a.demo(), a.init(), a.serve(), a.token(), a.programme(), a.explain(), a.difference(), a.review(), a.due(), a.dossier(), a.rehearse(), a.audit(),
		a.ledger(), a.projection(), a.key(), a.bench(),
	}
}

// inputMax is the largest standard input that is read, in bytes.
const inputMax = 16 << 20

func readAll(r io.Reader) ([]byte, error) {
	src, err := io.ReadAll(io.LimitReader(r, inputMax+1))
	if err == nil && len(src) > inputMax {
		err = errors.New("the standard input is larger than 16 MiB")
	}
	return src, err
}
