"""What the chart says: FHIR R4 resources in, dated evidence in the guidance's own words out."""
