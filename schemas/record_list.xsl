<?xml version="1.0" encoding="UTF-8"?>
<!--
  A Nexus Experiment record in a list, such as the results of a search in CDCS: title, instrument, who and when, sample,
  purpose, how many datasets of which type, and the first previews. No script, and no link: CDCS puts its own round it.

  Origin: written for this project. XSLT 1.0 with EXSLT's set:distinct, which libxslt has.

  Parameter, optional; CDCS passes none:
    preview_base   put before a preview   (default /data)
  Every text is escaped by the serializer.
-->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:nx="https://data.nist.gov/od/dm/nexus/experiment/v1.0"
    xmlns:set="http://exslt.org/sets"
    exclude-result-prefixes="nx set">

  <xsl:output method="html" encoding="UTF-8" indent="no"/>
  <xsl:strip-space elements="*"/>

  <xsl:param name="preview_base" select="'/data'"/>

  <xsl:variable name="most_previews" select="4"/>
  <xsl:variable name="datasets" select="/nx:Experiment/nx:acquisitionActivity/nx:dataset"/>

  <xsl:key name="types" match="nx:dataset" use="@type"/>

  <xsl:template match="/"><xsl:apply-templates select="nx:Experiment"/></xsl:template>

  <xsl:template match="nx:Experiment">
    <div class="nx-item">
      <style><xsl:call-template name="css"/></style>
      <div class="nx-item-text">
        <p class="nx-item-title">
          <xsl:choose>
            <xsl:when test="string(nx:title)"><xsl:value-of select="nx:title"/></xsl:when>
            <xsl:otherwise>Experiment record</xsl:otherwise>
          </xsl:choose>
        </p>
        <p class="nx-item-who">
          <xsl:for-each select="nx:summary/nx:instrument"><span class="nx-item-badge"><xsl:value-of select="."/></span></xsl:for-each>
          <xsl:call-template name="day"/>
          <xsl:for-each select="nx:summary/nx:experimenter"><span><xsl:value-of select="."/></span></xsl:for-each>
          <xsl:for-each select="nx:sample[string(nx:name)]"><span>Sample: <xsl:value-of select="nx:name"/></span></xsl:for-each>
        </p>
        <xsl:if test="string(nx:summary/nx:motivation)">
          <p>
            <xsl:value-of select="substring(nx:summary/nx:motivation, 1, 240)"/>
            <xsl:if test="string-length(nx:summary/nx:motivation) &gt; 240">…</xsl:if>
          </p>
        </xsl:if>
        <p class="nx-item-counts">
          <xsl:choose>
            <xsl:when test="not($datasets)"><span>No datasets</span></xsl:when>
            <xsl:otherwise>
              <xsl:for-each select="set:distinct($datasets/@type)">
                <xsl:sort select="count(key('types', .))" data-type="number" order="descending"/>
                <span><xsl:call-template name="type_name"/>: <xsl:value-of select="count(key('types', .))"/></span>
              </xsl:for-each>
            </xsl:otherwise>
          </xsl:choose>
        </p>
        <xsl:call-template name="unreadable"/>
      </div>
      <xsl:if test="$datasets/nx:preview">
        <div class="nx-item-previews">
          <xsl:for-each select="$datasets[nx:preview][position() &lt;= $most_previews]">
            <img loading="lazy" width="72" height="72" alt="Preview of {nx:name}">
              <xsl:attribute name="src"><xsl:for-each select="nx:preview[1]"><xsl:call-template name="joined"/></xsl:for-each></xsl:attribute>
            </img>
          </xsl:for-each>
        </div>
      </xsl:if>
    </div>
  </xsl:template>

  <xsl:template name="unreadable">
    <xsl:variable name="unread" select="count($datasets[nx:description[starts-with(., 'Could not be read: ')]])"/>
    <xsl:if test="$unread">
      <p class="nx-item-bad">
        <xsl:value-of select="$unread"/>
        <xsl:choose><xsl:when test="$unread = 1"> file</xsl:when><xsl:otherwise> files</xsl:otherwise></xsl:choose>
        <xsl:text> could not be read</xsl:text>
      </p>
    </xsl:if>
  </xsl:template>

  <!-- The day of the first file, or of the reservation; 2019-11-13T… as 13 Nov 2019, any other text as it is. -->
  <xsl:template name="day">
    <xsl:variable name="time" select="string((nx:acquisitionActivity[1]/nx:startTime | nx:summary[not(../nx:acquisitionActivity)]/nx:reservationStart)[1])"/>
    <xsl:variable name="month" select="number(substring($time, 6, 2))"/>
    <xsl:if test="$time">
      <time datetime="{$time}">
        <xsl:choose>
          <xsl:when test="$month &gt;= 1 and $month &lt;= 12 and substring($time, 5, 1) = '-'">
            <xsl:value-of select="concat(number(substring($time, 9, 2)), '&#xa0;', substring('JanFebMarAprMayJunJulAugSepOctNovDec', 3 * $month - 2, 3), '&#xa0;', substring($time, 1, 4))"/>
          </xsl:when>
          <xsl:otherwise><xsl:value-of select="$time"/></xsl:otherwise>
        </xsl:choose>
      </time>
    </xsl:if>
  </xsl:template>

  <xsl:template name="type_name">
    <xsl:choose>
      <xsl:when test=". = 'SpectrumImage'">Spectrum image</xsl:when>
      <xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- The current address below the base: neither a scheme nor a host can come from a record. -->
  <xsl:template name="joined">
    <xsl:choose>
      <xsl:when test="$preview_base = ''">./</xsl:when>
      <xsl:when test="substring($preview_base, string-length($preview_base)) = '/'"><xsl:value-of select="$preview_base"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="concat($preview_base, '/')"/></xsl:otherwise>
    </xsl:choose>
    <xsl:choose>
      <xsl:when test="starts-with(., '/')"><xsl:value-of select="substring(., 2)"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="css"><xsl:text><![CDATA[
.nx-item{display:flex;flex-wrap:wrap;gap:.75rem 1.5rem;justify-content:space-between;font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:#16211f;overflow-wrap:anywhere;text-align:left}
.nx-item p{margin:0 0 .25rem}.nx-item-text{flex:1 1 20rem;min-width:0}
.nx-item-title{font-size:1.0625rem;font-weight:650}
.nx-item-who,.nx-item-counts{display:flex;flex-wrap:wrap;gap:.15rem 1rem;color:#55645f;font-size:.875rem;align-items:center}
.nx-item-badge{background:#0b6b5d;color:#fff;border-radius:99px;padding:.05rem .6rem;font-weight:600;font-size:.8125rem}
.nx-item-bad{color:#a3221b;font-size:.875rem;font-weight:600}
.nx-item-previews{display:flex;gap:.4rem}.nx-item-previews img{object-fit:contain;background:#fff;border:1px solid #dfe6e3;border-radius:6px;font-size:.6875rem;overflow:hidden}
]]></xsl:text></xsl:template>

</xsl:stylesheet>
