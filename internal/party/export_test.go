package party

// CustomerData reads the data of events about customers.
var CustomerData = customerData
