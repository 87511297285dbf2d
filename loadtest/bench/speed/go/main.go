// The yardstick from another language: products from a map behind a read-write lock, routed by gorilla/mux and
// encoded by encoding/json for every answer. Prints the port that it listens on.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"

	"github.com/gorilla/mux"
)

const products = 100000

type Product struct {
	ProductID    int32   `json:"product_id"`
	ID           int32   `json:"id"`
	SKU          string  `json:"sku"`
	Manufacturer string  `json:"manufacturer"`
	Brand        string  `json:"brand"`
	CategoryID   int32   `json:"category_id"`
	Category     string  `json:"category"`
	Weight       int32   `json:"weight"`
	SomeOtherID  int32   `json:"some_other_id"`
	Name         string  `json:"name"`
	Description  string  `json:"description"`
	Price        float64 `json:"price"`
	Version      int32   `json:"version"`
}

type catalogue struct {
	sync.RWMutex
	products map[int32]Product
}

func fill() *catalogue {
	filled := &catalogue{products: make(map[int32]Product, products)}
	for id := int32(1); id <= products; id++ {
		filled.products[id] = Product{
			ProductID: id, ID: id, SKU: fmt.Sprintf("SKU-%06d", id), Manufacturer: "Northwind", Brand: "Northwind",
			CategoryID: id%40 + 1, Category: "Lighting", Weight: id % 5000, SomeOtherID: id, Name: "Oak desk lamp",
			Description: "A lamp for late readers, from our own range.", Price: float64(id%10000) / 100, Version: 1,
		}
	}
	return filled
}

func (c *catalogue) get(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(mux.Vars(r)["productId"], 10, 32)
	if err != nil {
		http.Error(w, "invalid product id", http.StatusBadRequest)
		return
	}
	c.RLock()
	product, isKnown := c.products[int32(id)]
	c.RUnlock()
	if !isKnown {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	json.NewEncoder(w).Encode(product)
}

func main() {
	router := mux.NewRouter()
	router.HandleFunc("/products/{productId}", fill().get).Methods("GET")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("PORT %d\n", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, router))
}
