package main

import (
	"fmt"
	"slices"
)

// showLists prints the medians in 80 columns.
func showLists(contenders []*measuredBuild, bare *measuredBuild, deep []list, engine string) {
	fmt.Printf("lists on %s: %d connections, pages of %d, medians of %d rounds of %.1f s.\n"+
		"µs CPU: of the server%s for a page, with what is sold meanwhile;\nthe load generator is another process.\n",
		engine, *connections, pageSize, rounds, *seconds/rounds, map[bool]string{true: " and PostgreSQL"}[engine == "postgres"])
	if len(contenders) > 1 {
		fmt.Printf("%-30s", "")
		for _, c := range contenders {
			fmt.Printf("%25s", c.name)
		}
		fmt.Println()
	}
	head := func(title, ratio string) {
		fmt.Printf("%-30s", title)
		for range contenders {
			fmt.Printf("%8s%9s%8s", "pages/s", ratio, "µs CPU")
		}
		fmt.Println()
	}
	head("products with stock", "of bare")
	reference := bare.found[productLists[0].name]
	fmt.Printf("%-30s%8.0f%9.2f%8.0f\n", bare.name, median(reference.rate), 1.0, median(reference.cpu))
	for _, l := range productLists {
		fmt.Printf("%-30s", l.name)
		for _, c := range contenders {
			f := c.found[l.name]
			fmt.Printf("%8.0f%9.3f%8.0f", median(f.rate), median(ratios(f.rate, reference.rate)), median(f.cpu))
		}
		fmt.Println()
		if l.selling {
			fmt.Printf("%-30s", "    sold meanwhile, invoices/s")
			for _, c := range contenders {
				fmt.Printf("%8.0f%17s", median(c.found[l.name].sold), "")
			}
			fmt.Println()
		}
	}
	if len(deep) > 0 {
		head("invoices", "of first")
	}
	for _, l := range deep {
		fmt.Printf("%-30s", l.name)
		for _, c := range contenders {
			if f := c.found[l.name]; f == nil {
				fmt.Printf("%8s%9s%8s", "-", "-", "-")
			} else {
				fmt.Printf("%8.0f%9.2f%8.0f", median(f.rate), median(ratios(f.cpu, c.found[deep[0].name].cpu)), median(f.cpu))
			}
		}
		fmt.Println()
	}
	fmt.Printf("%-30s", "memory at most, MiB")
	for _, c := range contenders {
		fmt.Printf("%8.0f%17s", c.server.memoryPeak(), "")
	}
	fmt.Println()
}

func median(all []float64) float64 {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

// ratios returns the ratio of each round.
func ratios(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] / b[i]
	}
	return out
}
