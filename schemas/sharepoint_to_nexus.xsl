<?xml version="1.0" encoding="UTF-8"?>
<!--
  One entry of a SharePoint calendar (ListData.svc, OData 2 in Atom) becomes the head of a Nexus Experiment:
  title, id, summary, sample, project.

  Origin: written for NexusLIMS-Airflow. The columns are those of the NIST calendars that NexusLIMS read in 2019 to 2021;
  the target is nexus-experiment.xsd. XSLT 1.0.

  To adapt it to another calendar, copy this file, change it, and hand the copy to SharePointCalendar as its stylesheet.
  SharePoint makes property names from the display names in the site's language, so both the templates and c:columns
  below may need other names.

  Input: a document whose root is one a:entry, with its people expanded ($expand).
  Parameters, all text: what XSLT 1.0 cannot make from the entry alone.
    instrument_pid, instrument_name   from the instruments table
    reservation_url                   the page of this reservation for people, or empty
    start, end                        xs:dateTime with offset; the feed's own times have no zone
    description                       the entry's description without its HTML
  An empty column makes no element: an empty reservationStart, for one, would not be a valid xs:dateTime.
-->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:a="http://www.w3.org/2005/Atom"
    xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices"
    xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
    xmlns:c="urn:nexuslims:sharepoint-columns"
    xmlns="https://data.nist.gov/od/dm/nexus/experiment/v1.0"
    exclude-result-prefixes="a d m c">

  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>

  <!-- The columns that the program reads itself: to ask for the right days, and to make the parameters. -->
  <c:columns start="StartTime" end="EndTime" description="Description" recurring="Recurrence" people="CreatedBy UserName"/>

  <xsl:param name="instrument_pid"/>
  <xsl:param name="instrument_name"/>
  <xsl:param name="reservation_url"/>
  <xsl:param name="start"/>
  <xsl:param name="end"/>
  <xsl:param name="description"/>

  <xsl:template match="/">
    <Experiment>
      <xsl:apply-templates select="a:entry"/>
    </Experiment>
  </xsl:template>

  <!-- Columns are read below content/m:properties only: expanded people repeat d:Id and d:UserName inside the links. -->
  <xsl:template match="a:entry">
    <xsl:variable name="event" select="a:content/m:properties"/>
    <title>
      <xsl:choose>
        <xsl:when test="normalize-space($event/d:TitleOfExperiment)">
          <xsl:value-of select="normalize-space($event/d:TitleOfExperiment)"/>
        </xsl:when>
        <xsl:when test="normalize-space(a:title)">
          <xsl:value-of select="normalize-space(a:title)"/>
        </xsl:when>
        <xsl:otherwise>
          <xsl:value-of select="concat('Experiment on the ', $instrument_name)"/>
        </xsl:otherwise>
      </xsl:choose>
    </title>
    <id><xsl:value-of select="normalize-space($event/d:Id)"/></id>
    <summary>
      <xsl:if test="$reservation_url">
        <xsl:attribute name="ref"><xsl:value-of select="$reservation_url"/></xsl:attribute>
      </xsl:if>
      <xsl:call-template name="experimenters"/>
      <instrument pid="{$instrument_pid}"><xsl:value-of select="$instrument_name"/></instrument>
      <reservationStart><xsl:value-of select="$start"/></reservationStart>
      <reservationEnd><xsl:value-of select="$end"/></reservationEnd>
      <xsl:if test="normalize-space($event/d:ExperimentPurpose)">
        <motivation><xsl:value-of select="$event/d:ExperimentPurpose"/></motivation>
      </xsl:if>
    </summary>
    <xsl:if test="normalize-space($event/d:SampleDetails) or normalize-space($description)">
      <sample>
        <xsl:if test="normalize-space($event/d:SampleDetails)">
          <name><xsl:value-of select="normalize-space($event/d:SampleDetails)"/></name>
        </xsl:if>
        <xsl:if test="normalize-space($description)">
          <description><xsl:value-of select="normalize-space($description)"/></description>
        </xsl:if>
      </sample>
    </xsl:if>
    <xsl:if test="normalize-space($event/d:ProjectID)">
      <project>
        <project_id><xsl:value-of select="normalize-space($event/d:ProjectID)"/></project_id>
      </project>
    </xsl:if>
  </xsl:template>

  <!-- The people the time was booked for; where the calendar names none, the one who made the entry. -->
  <xsl:template name="experimenters">
    <xsl:variable name="users" select="a:link[@title='UserName']/m:inline//a:entry/a:content/m:properties/d:Name"/>
    <xsl:variable name="maker" select="a:link[@title='CreatedBy']/m:inline//a:entry/a:content/m:properties/d:Name"/>
    <xsl:for-each select="$users[normalize-space()] | $maker[not($users[normalize-space()])][normalize-space()]">
      <experimenter><xsl:value-of select="normalize-space()"/></experimenter>
    </xsl:for-each>
  </xsl:template>
</xsl:stylesheet>
