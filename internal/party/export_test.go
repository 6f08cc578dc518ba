package party

// CustomerData reads what events say about customers.
var CustomerData = customerData
