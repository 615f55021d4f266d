-- report_csv: The contacts of some segments as lines of a CSV file, made safe for spreadsheets.
/*report_columns*/
/*selected_contacts*/
