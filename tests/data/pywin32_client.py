"""A program as people write it for Windows with pywin32: it asks QuickBooks for its customers and prints how many there are."""

import xml.etree.ElementTree as ElementTree

import pythoncom
import win32com.client

REQUEST = """<?xml version="1.0"?><?qbxml version="13.0"?>
<QBXML><QBXMLMsgsRq onError="stopOnError"><CustomerQueryRq requestID="1"/></QBXMLMsgsRq></QBXML>"""

pythoncom.CoInitialize()
processor = win32com.client.Dispatch("QBXMLRP2.RequestProcessor")
processor.OpenConnection2("", "Customer counter", 1)
try:
    ticket = processor.BeginSession("", 2)
    try:
        print("company file:", processor.GetCurrentCompanyFileName(ticket))
        answer = ElementTree.fromstring(processor.ProcessRequest(ticket, REQUEST))
        print("customers:", len(answer.findall(".//CustomerRet")))
    finally:
        processor.EndSession(ticket)
finally:
    processor.CloseConnection()
