<?xml version="1.0" encoding="UTF-8"?>
<!--
  A Nexus Experiment record as one self-contained page: no file of its own, nothing from a network but the previews and
  files that the record links to. It is whole without its script, which adds search, filters, large previews and lists.

  Origin: written for this project. XSLT 1.0 with EXSLT's set:distinct and date:seconds, both of which libxslt has; without
  date:seconds the timeline is left out.

  Parameters, all optional. CDCS passes none, so the defaults make a fragment that sits well inside its page:
    dataset_base   put before the location of a raw file     (default /instrument-data)
    preview_base   put before a preview and a metadata file  (default /data)
    record_url     address of the record's XML               (no link without it)
    crate_url      address of the record's RO-Crate          (no link without it)
    standalone     'yes' for a whole HTML page; anything else for a fragment
    script_hash    'sha256-…' of the script, for a whole page that forbids every other script and all of the network but
                   pictures; no such rule without it
  Only http and https addresses become links, and every text is escaped by the serializer. What grows with the number of
  datasets has few elements and no key with many values for one name asked for each dataset: 5,000 of them are shown too.
-->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:nx="https://data.nist.gov/od/dm/nexus/experiment/v1.0"
    xmlns:date="http://exslt.org/dates-and-times"
    xmlns:set="http://exslt.org/sets"
    exclude-result-prefixes="nx date set">

  <xsl:output method="html" encoding="UTF-8" indent="no"/>
  <xsl:strip-space elements="*"/>

  <xsl:param name="dataset_base" select="'/instrument-data'"/>
  <xsl:param name="preview_base" select="'/data'"/>
  <xsl:param name="record_url" select="''"/>
  <xsl:param name="crate_url" select="''"/>
  <xsl:param name="standalone" select="'no'"/>
  <xsl:param name="script_hash" select="''"/>

  <!-- A table shows at most this many parameters as columns; the others fold out below the dataset's name. -->
  <xsl:variable name="most_columns" select="10"/>
  <!-- An activity with more datasets than this keeps its previews folded. -->
  <xsl:variable name="most_open" select="60"/>
  <!-- Tables and galleries come in parts of so many datasets, which browsers lay out when they come into view. Rows of
       2, 3, 4, 5 and 6 previews fill such a part. -->
  <xsl:variable name="part" select="60"/>

  <!-- Names that have a place of their own on the page. -->
  <xsl:variable name="reserved" select="'|Creation Time|Data Type|DatasetType|Metadata File|'"/>

  <!-- The values of one name in one activity, and the datasets of one Data Type in one activity. -->
  <xsl:key name="values" match="nx:dataset/nx:meta" use="concat(generate-id(../..), '|', @name)"/>
  <xsl:key name="contents" match="nx:dataset/nx:meta[@name='Data Type']" use="concat(generate-id(../..), '|', .)"/>
  <xsl:key name="types" match="nx:dataset" use="@type"/>
  <xsl:key name="samples" match="nx:sample" use="@id"/>

  <xsl:variable name="activities" select="/nx:Experiment/nx:acquisitionActivity"/>
  <xsl:variable name="datasets" select="$activities/nx:dataset"/>
  <xsl:variable name="types" select="set:distinct($datasets/@type)"/>
  <xsl:variable name="unreadable" select="$datasets[nx:description[starts-with(., 'Could not be read: ')]]"/>
  <xsl:variable name="unreliable" select="($datasets/nx:meta | $activities/nx:setup/nx:param)[@warning = 'true' or @warning = '1']"/>
  <xsl:variable name="title">
    <xsl:choose>
      <xsl:when test="string(/nx:Experiment/nx:title)"><xsl:value-of select="/nx:Experiment/nx:title"/></xsl:when>
      <xsl:otherwise>Experiment record</xsl:otherwise>
    </xsl:choose>
  </xsl:variable>

  <!-- ============================================================ the page -->

  <xsl:template match="/">
    <xsl:choose>
      <xsl:when test="$standalone = 'yes'">
        <html lang="en">
          <head>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <xsl:if test="$script_hash != ''">
              <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '{$script_hash}'; style-src 'unsafe-inline'; img-src http: https: file: data:; base-uri 'none'; form-action 'none'"/>
            </xsl:if>
            <title><xsl:value-of select="$title"/></title>
            <style>body{margin:0;background:#f4f6f6}@media (prefers-color-scheme:dark){body{background:#0f1416}}@media print{body{background:#fff}}</style>
          </head>
          <body><main><xsl:apply-templates select="nx:Experiment"/></main></body>
        </html>
      </xsl:when>
      <xsl:otherwise><xsl:apply-templates select="nx:Experiment"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="nx:Experiment">
    <article class="nx">
      <xsl:if test="count($datasets) &gt; 10 * $part"><xsl:attribute name="class">nx nx-large</xsl:attribute></xsl:if>
      <style><xsl:call-template name="css"/></style>
      <xsl:if test="$activities"><a class="nx-skip" href="#activity-1">Skip to the datasets</a></xsl:if>
      <header class="nx-head">
        <p class="nx-over">
          <xsl:for-each select="nx:summary/nx:instrument">
            <span class="nx-badge" title="{@pid}"><xsl:value-of select="."/></span>
          </xsl:for-each>
          <xsl:call-template name="headline_date"/>
        </p>
        <h1><xsl:value-of select="$title"/></h1>
        <xsl:if test="string(nx:summary/nx:motivation)">
          <p class="nx-why"><xsl:value-of select="nx:summary/nx:motivation"/></p>
        </xsl:if>
        <xsl:call-template name="facts"/>
        <xsl:call-template name="downloads"/>
      </header>
      <xsl:call-template name="unreadable_files"/>
      <xsl:call-template name="unreliable_values"/>
      <xsl:call-template name="overview"/>
      <xsl:if test="count($datasets) &gt; 1"><xsl:call-template name="finder"/></xsl:if>
      <xsl:apply-templates select="$activities"/>
      <xsl:if test="nx:notes">
        <section class="nx-card nx-notes" aria-labelledby="nx-notes">
          <h2 id="nx-notes">Notes</h2>
          <xsl:apply-templates select="nx:notes"/>
        </section>
      </xsl:if>
      <footer class="nx-foot">
        <xsl:if test="string(nx:id)">Record <xsl:value-of select="nx:id"/></xsl:if>
        <xsl:if test="string(nx:id) and string(@pid)"> · </xsl:if>
        <xsl:if test="string(@pid)">Session <xsl:value-of select="@pid"/></xsl:if>
      </footer>
      <xsl:if test="$datasets"><script><xsl:call-template name="script"/></script></xsl:if>
    </article>
  </xsl:template>

  <!-- ============================================================ who, when, why -->

  <xsl:template name="headline_date">
    <xsl:variable name="moment">
      <xsl:choose>
        <xsl:when test="$activities/nx:startTime"><xsl:value-of select="$activities/nx:startTime[1]"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="nx:summary/nx:reservationStart"/></xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:if test="string($moment)">
      <time datetime="{$moment}"><xsl:call-template name="day"><xsl:with-param name="time" select="$moment"/></xsl:call-template></time>
    </xsl:if>
  </xsl:template>

  <xsl:template name="facts">
    <dl class="nx-facts">
      <xsl:if test="nx:summary/nx:experimenter">
        <div><dt>Experimenter</dt><xsl:for-each select="nx:summary/nx:experimenter"><dd><xsl:value-of select="."/></dd></xsl:for-each></div>
      </xsl:if>
      <xsl:if test="nx:summary/nx:collaborator">
        <div><dt>With</dt><xsl:for-each select="nx:summary/nx:collaborator"><dd><xsl:value-of select="."/></dd></xsl:for-each></div>
      </xsl:if>
      <xsl:if test="nx:summary/nx:instrument">
        <div><dt>Instrument</dt>
          <xsl:for-each select="nx:summary/nx:instrument">
            <dd><xsl:value-of select="."/><xsl:if test="string(@pid)"><small><xsl:value-of select="@pid"/></small></xsl:if></dd>
          </xsl:for-each>
        </div>
      </xsl:if>
      <xsl:if test="nx:summary/nx:reservationStart">
        <div><dt>Booked</dt>
          <dd>
            <xsl:call-template name="span_of_time">
              <xsl:with-param name="from" select="nx:summary/nx:reservationStart"/>
              <xsl:with-param name="to" select="nx:summary/nx:reservationEnd"/>
            </xsl:call-template>
            <xsl:call-template name="web_link">
              <xsl:with-param name="address" select="nx:summary/@ref"/>
              <xsl:with-param name="text" select="'Reservation'"/>
            </xsl:call-template>
          </dd>
        </div>
      </xsl:if>
      <xsl:if test="not(nx:summary/nx:reservationStart) and $activities/nx:startTime">
        <div><dt>First file</dt>
          <dd><xsl:call-template name="span_of_time"><xsl:with-param name="from" select="$activities[1]/nx:startTime"/></xsl:call-template></dd>
        </div>
      </xsl:if>
      <xsl:for-each select="nx:sample">
        <div id="{concat('nx-', @id)}"><dt>Sample</dt>
          <dd>
            <xsl:choose>
              <xsl:when test="string(nx:name)"><xsl:value-of select="nx:name"/></xsl:when>
              <xsl:otherwise>not named</xsl:otherwise>
            </xsl:choose>
            <xsl:for-each select="nx:description"><small><xsl:value-of select="."/></small></xsl:for-each>
            <xsl:if test="nx:elements/*">
              <span class="nx-elements"><xsl:for-each select="nx:elements/*"><abbr><xsl:value-of select="local-name()"/></abbr></xsl:for-each></span>
            </xsl:if>
            <xsl:call-template name="web_link">
              <xsl:with-param name="address" select="@ref"/>
              <xsl:with-param name="text" select="'Sample page'"/>
            </xsl:call-template>
          </dd>
        </div>
      </xsl:for-each>
      <xsl:for-each select="nx:project">
        <div><dt>Project</dt>
          <dd>
            <xsl:value-of select="nx:name"/>
            <xsl:if test="string(nx:project_id)"><small><xsl:value-of select="nx:project_id"/></small></xsl:if>
            <xsl:if test="nx:division | nx:group">
              <small>
                <xsl:value-of select="nx:division"/>
                <xsl:if test="nx:division and nx:group"> · </xsl:if>
                <xsl:value-of select="nx:group"/>
              </small>
            </xsl:if>
            <xsl:call-template name="web_link">
              <xsl:with-param name="address" select="nx:ref"/>
              <xsl:with-param name="text" select="'Project page'"/>
            </xsl:call-template>
          </dd>
        </div>
      </xsl:for-each>
    </dl>
  </xsl:template>

  <!-- What can be taken home. The buttons need the script, which shows them. -->
  <xsl:template name="downloads">
    <ul class="nx-downloads" aria-label="Downloads">
      <li class="nx-xml">
        <xsl:if test="$record_url = ''"><xsl:attribute name="hidden">hidden</xsl:attribute></xsl:if>
        <a download="" href="{$record_url}">Record (XML)</a>
      </li>
      <xsl:if test="$crate_url != ''"><li><a href="{$crate_url}">RO-Crate</a></li></xsl:if>
      <xsl:if test="$datasets">
        <li hidden="hidden"><button type="button" class="nx-csv">Table of all values (CSV)</button></li>
        <li hidden="hidden"><button type="button" class="nx-paths">Copy the raw files’ locations</button></li>
      </xsl:if>
    </ul>
    <p class="nx-told" role="status"></p>
  </xsl:template>

  <xsl:template name="unreliable_values">
    <xsl:if test="$unreliable">
      <section class="nx-card nx-caution" aria-labelledby="nx-unreliable">
        <h2 id="nx-unreliable">
          <xsl:choose>
            <xsl:when test="count($unreliable) = 1">1 value is known to be unreliable</xsl:when>
            <xsl:otherwise><xsl:value-of select="count($unreliable)"/> values are known to be unreliable</xsl:otherwise>
          </xsl:choose>
        </h2>
        <ul>
          <xsl:for-each select="set:distinct($unreliable/@name)">
            <li><xsl:value-of select="."/><xsl:text> </xsl:text><b><xsl:value-of select="count($unreliable[@name = current()])"/></b></li>
          </xsl:for-each>
        </ul>
      </section>
    </xsl:if>
  </xsl:template>

  <xsl:template name="unreadable_files">
    <xsl:if test="$unreadable">
      <section class="nx-card nx-alert" aria-labelledby="nx-unreadable">
        <h2 id="nx-unreadable">
          <xsl:value-of select="count($unreadable)"/>
          <xsl:choose><xsl:when test="count($unreadable) = 1"> file</xsl:when><xsl:otherwise> files</xsl:otherwise></xsl:choose>
          <xsl:text> could not be read</xsl:text>
        </h2>
        <ul>
          <xsl:for-each select="$unreadable">
            <li>
              <a href="#{generate-id()}"><xsl:value-of select="nx:name"/></a>
              <xsl:text> — </xsl:text>
              <xsl:value-of select="substring-after(nx:description[starts-with(., 'Could not be read: ')][1], ': ')"/>
            </li>
          </xsl:for-each>
        </ul>
      </section>
    </xsl:if>
  </xsl:template>

  <!-- ============================================================ counts and timeline -->

  <xsl:template name="overview">
    <section class="nx-card" aria-labelledby="nx-session">
      <div class="nx-row">
        <h2 id="nx-session">
          <xsl:call-template name="counted"><xsl:with-param name="n" select="count($datasets)"/><xsl:with-param name="noun" select="'dataset'"/></xsl:call-template>
          <xsl:text> in </xsl:text>
          <xsl:choose>
            <xsl:when test="count($activities) = 1">1 activity</xsl:when>
            <xsl:otherwise><xsl:value-of select="count($activities)"/> activities</xsl:otherwise>
          </xsl:choose>
        </h2>
        <ul class="nx-legend" aria-label="Datasets by type">
          <xsl:for-each select="$types">
            <xsl:sort select="count(key('types', .))" data-type="number" order="descending"/>
            <li class="t-{.}"><i></i><xsl:for-each select=".."><xsl:call-template name="type_name"/></xsl:for-each><b><xsl:value-of select="count(key('types', .))"/></b></li>
          </xsl:for-each>
        </ul>
      </div>
      <xsl:choose>
        <xsl:when test="not($activities)"><p>No activity was recorded.</p></xsl:when>
        <xsl:when test="function-available('date:seconds') and date:seconds($activities[1]/nx:startTime) = date:seconds($activities[1]/nx:startTime)">
          <xsl:call-template name="timeline"/>
        </xsl:when>
      </xsl:choose>
    </section>
  </xsl:template>

  <!-- Search and filters, which the script brings to life and shows. -->
  <xsl:template name="finder">
    <form class="nx-find" role="search" aria-label="Search the datasets" hidden="hidden">
      <p class="nx-words">
        <label for="nx-words">Search</label>
        <input id="nx-words" type="search" autocomplete="off" spellcheck="false" placeholder="Name, parameter, value"/>
      </p>
      <fieldset>
        <legend class="nx-vh">Show only</legend>
        <xsl:for-each select="$types">
          <xsl:sort select="count(key('types', .))" data-type="number" order="descending"/>
          <label class="t-{.}"><input type="checkbox" name="type" value="{.}"/><i></i><xsl:for-each select=".."><xsl:call-template name="type_name"/></xsl:for-each></label>
        </xsl:for-each>
        <xsl:if test="$unreadable"><label><input type="checkbox" name="mark" value="nx-bad"/>Could not be read</label></xsl:if>
        <xsl:if test="$datasets/nx:meta[@warning = 'true' or @warning = '1']"><label><input type="checkbox" name="mark" value="nx-doubt"/>Unreliable values</label></xsl:if>
      </fieldset>
      <p class="nx-result"><span class="nx-shown" role="status"></span><button type="reset" hidden="hidden">Show all</button></p>
    </form>
  </xsl:template>

  <!-- Bands for activities, ticks for files in a lane for each type, the reservation above; all positions are per cent of the whole span. -->
  <xsl:template name="timeline">
    <xsl:variable name="first" select="date:seconds($activities[1]/nx:startTime)"/>
    <xsl:variable name="last_start" select="date:seconds($activities[last()]/nx:startTime)"/>
    <xsl:variable name="last">
      <xsl:call-template name="latest">
        <xsl:with-param name="times" select="$datasets/nx:meta[@name='Creation Time']"/>
        <xsl:with-param name="from" select="$last_start"/>
        <xsl:with-param name="to" select="$last_start + 21600"/>
      </xsl:call-template>
    </xsl:variable>
    <xsl:variable name="booked_from" select="date:seconds(/nx:Experiment/nx:summary/nx:reservationStart)"/>
    <xsl:variable name="booked_to" select="date:seconds(/nx:Experiment/nx:summary/nx:reservationEnd)"/>
    <xsl:variable name="booked" select="$booked_from &lt; $last and $booked_to &gt; $first"/>
    <xsl:variable name="to_raw">
      <xsl:choose>
        <xsl:when test="$booked and $booked_to &gt; $last"><xsl:value-of select="$booked_to"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="$last"/></xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="start">
      <xsl:choose>
        <xsl:when test="$booked and $booked_from &lt; $first"><xsl:value-of select="$booked_from"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="$first"/></xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="start_text">
      <xsl:choose>
        <xsl:when test="$booked and $booked_from &lt; $first"><xsl:value-of select="/nx:Experiment/nx:summary/nx:reservationStart"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="$activities[1]/nx:startTime"/></xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="span">
      <xsl:choose>
        <xsl:when test="$to_raw - $start &gt; 60"><xsl:value-of select="$to_raw - $start"/></xsl:when>
        <xsl:otherwise>60</xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <nav class="nx-time" aria-label="Timeline of the session">
      <xsl:if test="$booked">
        <div class="nx-booked" style="left:{format-number(100 * ($booked_from - $start) div $span, '0.##')}%;width:{format-number(100 * ($booked_to - $booked_from) div $span, '0.##')}%">
          <span>booked</span>
        </div>
      </xsl:if>
      <ol>
        <xsl:choose>
          <xsl:when test="count($activities) &gt; 24 or ($last_start - $first) &lt; 0.015 * $span * (count($activities) - 1)"><xsl:attribute name="class">many</xsl:attribute></xsl:when>
          <xsl:when test="count($activities) &gt; 8"><xsl:attribute name="class">some</xsl:attribute></xsl:when>
        </xsl:choose>
        <xsl:for-each select="$activities">
          <xsl:variable name="begin" select="date:seconds(nx:startTime)"/>
          <xsl:variable name="next" select="date:seconds(following-sibling::nx:acquisitionActivity[1]/nx:startTime)"/>
          <xsl:variable name="limit">
            <xsl:choose>
              <xsl:when test="$next = $next"><xsl:value-of select="$next"/></xsl:when>
              <xsl:otherwise><xsl:value-of select="$last"/></xsl:otherwise>
            </xsl:choose>
          </xsl:variable>
          <xsl:variable name="end">
            <xsl:call-template name="latest">
              <xsl:with-param name="times" select="nx:dataset/nx:meta[@name='Creation Time']"/>
              <xsl:with-param name="from" select="$begin"/>
              <xsl:with-param name="to" select="$limit"/>
            </xsl:call-template>
          </xsl:variable>
          <xsl:if test="$begin = $begin">
            <li style="left:{format-number(100 * ($begin - $start) div $span, '0.##')}%;width:{format-number(100 * ($end - $begin) div $span, '0.##')}%">
              <a href="#activity-{position()}" title="Activity {position()}: {count(nx:dataset)} datasets from {substring(nx:startTime, 12, 5)}">
                <span class="nx-vh">Activity </span><span class="n"><xsl:value-of select="position()"/></span>
              </a>
            </li>
          </xsl:if>
        </xsl:for-each>
      </ol>
      <svg viewBox="0 0 1000 {10 * count($types)}" style="height:{0.5 + 0.5 * count($types)}rem" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <xsl:for-each select="$types">
          <xsl:sort select="count(key('types', .))" data-type="number" order="descending"/>
          <xsl:variable name="lane" select="concat(' ', 10 * (position() - 1), 'v10')"/>
          <path class="t-{.}">
            <xsl:attribute name="d">
              <xsl:for-each select="key('types', .)/nx:meta[@name='Creation Time']">
                <xsl:variable name="at" select="date:seconds(.) - $start"/>
                <xsl:if test="$at &gt;= 0 and $at &lt;= $span">M<xsl:value-of select="concat(format-number(1000 * $at div $span, '0.#'), $lane)"/></xsl:if>
              </xsl:for-each>
            </xsl:attribute>
          </path>
        </xsl:for-each>
      </svg>
      <div class="nx-axis" aria-hidden="true">
        <xsl:variable name="step">
          <xsl:choose>
            <xsl:when test="$span &lt;= 480">60</xsl:when>
            <xsl:when test="$span &lt;= 2400">300</xsl:when>
            <xsl:when test="$span &lt;= 7200">900</xsl:when>
            <xsl:when test="$span &lt;= 14400">1800</xsl:when>
            <xsl:when test="$span &lt;= 28800">3600</xsl:when>
            <xsl:when test="$span &lt;= 86400">10800</xsl:when>
            <xsl:otherwise>86400</xsl:otherwise>
          </xsl:choose>
        </xsl:variable>
        <xsl:variable name="of_day" select="3600 * substring($start_text, 12, 2) + 60 * substring($start_text, 15, 2) + substring($start_text, 18, 2)"/>
        <xsl:if test="$span div $step &lt;= 60">
          <xsl:call-template name="axis">
            <xsl:with-param name="at" select="ceiling($of_day div $step) * $step"/>
            <xsl:with-param name="step" select="$step"/>
            <xsl:with-param name="of_day" select="$of_day"/>
            <xsl:with-param name="span" select="$span"/>
          </xsl:call-template>
        </xsl:if>
      </div>
    </nav>
  </xsl:template>

  <xsl:template name="axis">
    <xsl:param name="at"/>
    <xsl:param name="step"/>
    <xsl:param name="of_day"/>
    <xsl:param name="span"/>
    <xsl:if test="$at &lt;= $of_day + $span">
      <span style="left:{format-number(100 * ($at - $of_day) div $span, '0.##')}%">
        <xsl:value-of select="concat(format-number(floor($at div 3600) mod 24, '00'), ':', format-number(floor($at div 60) mod 60, '00'))"/>
      </span>
      <xsl:call-template name="axis">
        <xsl:with-param name="at" select="$at + $step"/>
        <xsl:with-param name="step" select="$step"/>
        <xsl:with-param name="of_day" select="$of_day"/>
        <xsl:with-param name="span" select="$span"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <!-- The latest of some times that lie in [from, to], in seconds; "from" where none does. -->
  <xsl:template name="latest">
    <xsl:param name="times"/>
    <xsl:param name="from"/>
    <xsl:param name="to"/>
    <xsl:variable name="inside" select="$times[date:seconds(.) &gt;= $from and date:seconds(.) &lt;= $to]"/>
    <xsl:choose>
      <xsl:when test="$inside">
        <xsl:for-each select="$inside">
          <xsl:sort select="date:seconds(.)" data-type="number" order="descending"/>
          <xsl:if test="position() = 1"><xsl:value-of select="date:seconds(.)"/></xsl:if>
        </xsl:for-each>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="$from"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- ============================================================ one activity -->

  <xsl:template match="nx:acquisitionActivity">
    <xsl:variable name="id" select="generate-id()"/>
    <xsl:variable name="number" select="position()"/>
    <section class="nx-card nx-activity" id="activity-{$number}" aria-labelledby="{$id}-h">
      <div class="nx-row">
        <h2 id="{$id}-h">Activity <xsl:value-of select="$number"/></h2>
        <p class="nx-when">
          <xsl:if test="string(nx:startTime)">
            <time datetime="{nx:startTime}"><xsl:call-template name="day"><xsl:with-param name="time" select="nx:startTime"/></xsl:call-template>, <xsl:value-of select="substring(nx:startTime, 12, 8)"/></time>
          </xsl:if>
          <span class="nx-count">
            <xsl:call-template name="counted"><xsl:with-param name="n" select="count(nx:dataset)"/><xsl:with-param name="noun" select="'dataset'"/></xsl:call-template>
          </span>
          <xsl:if test="key('samples', nx:sampleID)">
            <span><a href="#nx-{nx:sampleID}"><xsl:choose>
              <xsl:when test="string(key('samples', nx:sampleID)[1]/nx:name)"><xsl:value-of select="key('samples', nx:sampleID)[1]/nx:name"/></xsl:when>
              <xsl:otherwise>sample</xsl:otherwise>
            </xsl:choose></a></span>
          </xsl:if>
        </p>
      </div>
      <xsl:call-template name="activity_contents"/>
      <xsl:apply-templates select="nx:notes"/>
      <xsl:call-template name="setup"/>
      <xsl:call-template name="gallery"/>
      <xsl:choose>
        <xsl:when test="count(nx:dataset) = 1"><xsl:call-template name="only_dataset"/></xsl:when>
        <xsl:when test="nx:dataset"><xsl:call-template name="dataset_table"/></xsl:when>
      </xsl:choose>
    </section>
  </xsl:template>

  <xsl:template name="activity_contents">
    <xsl:variable name="id" select="generate-id()"/>
    <xsl:variable name="own" select="set:distinct(nx:dataset/nx:meta[@name='Data Type'])"/>
    <xsl:if test="$own or nx:setup/nx:param[@name='Data Type']">
      <ul class="nx-chips" aria-label="Activity contents">
        <xsl:for-each select="$own">
          <li>
            <xsl:value-of select="translate(., '_', ' ')"/>
            <b><xsl:value-of select="count(key('contents', concat($id, '|', .)))"/></b>
          </li>
        </xsl:for-each>
        <xsl:if test="not($own)"><li><xsl:value-of select="translate(nx:setup/nx:param[@name='Data Type'], '_', ' ')"/></li></xsl:if>
      </ul>
    </xsl:if>
  </xsl:template>

  <xsl:template name="setup">
    <xsl:variable name="shared" select="nx:setup/nx:param[not(@name = 'Data Type')]"/>
    <xsl:if test="$shared">
      <h3>Setup <small>the same for all datasets</small></h3>
      <xsl:call-template name="pairs">
        <xsl:with-param name="values" select="$shared"/>
        <xsl:with-param name="caption" select="'Setup parameters'"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <!-- Names and values side by side, in as many columns as fit. -->
  <xsl:template name="pairs">
    <xsl:param name="values"/>
    <xsl:param name="caption"/>
    <table class="nx-pairs">
      <caption class="nx-vh"><xsl:value-of select="$caption"/></caption>
      <tbody>
        <xsl:for-each select="$values">
          <tr><th scope="row"><xsl:value-of select="@name"/></th><td><xsl:call-template name="value"/></td></tr>
        </xsl:for-each>
      </tbody>
    </table>
  </xsl:template>

  <xsl:template name="gallery">
    <xsl:if test="nx:dataset/nx:preview">
      <details class="nx-fold">
        <xsl:if test="count(nx:dataset) &lt;= $most_open"><xsl:attribute name="open">open</xsl:attribute></xsl:if>
        <summary><h3>Previews</h3></summary>
        <xsl:for-each select="nx:dataset[nx:preview][position() mod $part = 1]">
          <xsl:variable name="here" select=". | following-sibling::nx:dataset[nx:preview][position() &lt; $part]"/>
          <div class="nx-gallery nx-part" style="contain-intrinsic-block-size:auto {31 * count($here)}px">
            <xsl:for-each select="$here/nx:preview">
              <xsl:variable name="address"><xsl:call-template name="joined"><xsl:with-param name="base" select="$preview_base"/></xsl:call-template></xsl:variable>
              <figure class="t-{../@type}">
                <a href="{$address}"><img src="{$address}" alt="Preview of {../nx:name}" loading="lazy" width="160" height="160"/></a>
                <figcaption><a href="#{generate-id(..)}"><xsl:value-of select="../nx:name"/></a></figcaption>
              </figure>
            </xsl:for-each>
          </div>
        </xsl:for-each>
      </details>
    </xsl:if>
  </xsl:template>

  <!-- ============================================================ datasets -->

  <xsl:template name="dataset_table">
    <xsl:variable name="id" select="generate-id()"/>
    <xsl:variable name="total" select="count(nx:dataset[nx:meta[not(contains($reserved, concat('|', @name, '|')))]])"/>
    <xsl:variable name="columns" select="set:distinct(nx:dataset/nx:meta[not(contains($reserved, concat('|', @name, '|')))]/@name)
        [2 * count(key('values', concat($id, '|', .))) &gt; $total][position() &lt;= $most_columns]"/>
    <xsl:variable name="elsewhere"><xsl:value-of select="$reserved"/><xsl:for-each select="$columns"><xsl:value-of select="concat(., '|')"/></xsl:for-each></xsl:variable>
    <xsl:variable name="taken" select="string($elsewhere)"/>
    <xsl:variable name="number" select="position()"/>
    <xsl:variable name="count" select="count(nx:dataset)"/>
    <h3>Datasets <small>with the parameters that vary</small></h3>
    <xsl:for-each select="nx:dataset[position() mod $part = 1]">
      <xsl:variable name="here" select=". | following-sibling::nx:dataset[position() &lt; $part]"/>
      <xsl:variable name="what">
        <xsl:text>Datasets </xsl:text>
        <xsl:if test="$count &gt; $part"><xsl:value-of select="concat((position() - 1) * $part + 1, ' to ', (position() - 1) * $part + count($here), ' ')"/></xsl:if>
        <xsl:value-of select="concat('of activity ', $number)"/>
      </xsl:variable>
      <div class="nx-scroll nx-part" role="group" tabindex="0" aria-label="{$what}" style="contain-intrinsic-block-size:auto {60 * count($here)}px">
        <table class="nx-table">
          <caption class="nx-vh"><xsl:value-of select="$what"/>, with the parameters that vary</caption>
          <thead>
            <tr>
              <th scope="col">Dataset</th>
              <th scope="col">Time</th>
              <xsl:for-each select="$columns"><th scope="col"><xsl:value-of select="."/></th></xsl:for-each>
              <th scope="col">Files</th>
            </tr>
          </thead>
          <tbody>
            <xsl:for-each select="$here">
              <xsl:variable name="values" select="nx:meta"/>
              <tr id="{generate-id()}">
                <xsl:call-template name="marks"/>
                <th scope="row">
                  <xsl:call-template name="dataset_heading"/>
                  <xsl:call-template name="further_values"><xsl:with-param name="taken" select="$taken"/></xsl:call-template>
                </th>
                <td><xsl:call-template name="creation_time"/></td>
                <xsl:for-each select="$columns">
                  <td><xsl:for-each select="$values[@name = current()]"><xsl:call-template name="value"/></xsl:for-each></td>
                </xsl:for-each>
                <td><xsl:call-template name="files"/></td>
              </tr>
            </xsl:for-each>
          </tbody>
        </table>
      </div>
    </xsl:for-each>
  </xsl:template>

  <!-- The classes of a dataset's element: its type, and what a person may look for. -->
  <xsl:template name="marks">
    <xsl:attribute name="class">
      <xsl:value-of select="concat('nx-set t-', @type)"/>
      <xsl:if test="nx:description[starts-with(., 'Could not be read: ')]"> nx-bad</xsl:if>
      <xsl:if test="nx:meta[@warning = 'true' or @warning = '1']"> nx-doubt</xsl:if>
    </xsl:attribute>
  </xsl:template>

  <xsl:template name="only_dataset">
    <xsl:for-each select="nx:dataset">
      <div id="{generate-id()}">
        <xsl:call-template name="marks"/>
        <h3><xsl:call-template name="dataset_heading"/></h3>
        <p class="nx-links"><xsl:call-template name="creation_time"/><xsl:text> </xsl:text><xsl:call-template name="files"/></p>
        <xsl:variable name="own" select="nx:meta[not(contains($reserved, concat('|', @name, '|')))]"/>
        <xsl:if test="$own">
          <xsl:call-template name="pairs">
            <xsl:with-param name="values" select="$own"/>
            <xsl:with-param name="caption" select="concat('Parameters of ', nx:name)"/>
          </xsl:call-template>
        </xsl:if>
      </div>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="dataset_heading">
    <b><xsl:value-of select="nx:name"/></b>
    <small>
      <xsl:call-template name="type_name"/>
      <xsl:if test="nx:meta[@name='DatasetType']/@warning = 'true'"><xsl:call-template name="warning_mark"/></xsl:if>
      <xsl:for-each select="nx:meta[@name='Data Type'][1]"> · <xsl:value-of select="translate(., '_', ' ')"/><xsl:if test="@warning = 'true'"><xsl:call-template name="warning_mark"/></xsl:if></xsl:for-each>
      <xsl:if test="@role and @role != 'Experimental'"> · <xsl:value-of select="@role"/></xsl:if>
    </small>
    <xsl:for-each select="nx:description"><small class="nx-said"><xsl:value-of select="."/></small></xsl:for-each>
  </xsl:template>

  <!-- What a dataset has beside the columns of its table: a line each, name and value parted by a tab. As elements of
       their own they would be nine in ten of the page's, and cost a large record seconds. -->
  <xsl:template name="further_values">
    <xsl:param name="taken"/>
    <xsl:variable name="further" select="nx:meta[not(contains($taken, concat('|', @name, '|')))]"/>
    <xsl:if test="$further">
      <details>
        <summary>
          <xsl:call-template name="counted"><xsl:with-param name="n" select="count($further)"/><xsl:with-param name="noun" select="'further value'"/></xsl:call-template>
          <xsl:if test="$further[@warning]"><xsl:call-template name="warning_mark"/></xsl:if>
        </summary>
        <p>
          <xsl:for-each select="$further">
            <xsl:value-of select="concat(@name, ':&#9;')"/><xsl:call-template name="value"/><xsl:text>&#10;</xsl:text>
          </xsl:for-each>
        </p>
      </details>
    </xsl:if>
  </xsl:template>

  <xsl:template name="creation_time">
    <xsl:for-each select="nx:meta[@name='Creation Time'][1]">
      <time datetime="{.}">
        <xsl:if test="substring(., 1, 10) != substring(../../nx:startTime[1], 1, 10)">
          <xsl:call-template name="day"><xsl:with-param name="time" select="string(.)"/></xsl:call-template><xsl:text> </xsl:text>
        </xsl:if>
        <xsl:choose>
          <xsl:when test="substring(., 11, 1) = 'T'"><xsl:value-of select="substring(., 12, 8)"/></xsl:when>
          <xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
        </xsl:choose>
      </time>
      <xsl:if test="@warning = 'true'"><xsl:call-template name="warning_mark"/></xsl:if>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="files">
    <xsl:for-each select="nx:location">
      <xsl:variable name="address"><xsl:call-template name="joined"><xsl:with-param name="base" select="$dataset_base"/></xsl:call-template></xsl:variable>
      <a href="{$address}" title="{.}">Raw</a><xsl:text> </xsl:text>
    </xsl:for-each>
    <xsl:for-each select="nx:preview">
      <xsl:variable name="address"><xsl:call-template name="joined"><xsl:with-param name="base" select="$preview_base"/></xsl:call-template></xsl:variable>
      <a href="{$address}">PNG</a><xsl:text> </xsl:text>
    </xsl:for-each>
    <xsl:for-each select="nx:meta[@name='Metadata File']">
      <xsl:variable name="address"><xsl:call-template name="joined"><xsl:with-param name="base" select="$preview_base"/></xsl:call-template></xsl:variable>
      <a href="{$address}">JSON</a>
    </xsl:for-each>
  </xsl:template>

  <!-- ============================================================ notes -->

  <xsl:template match="nx:notes">
    <div class="nx-note">
      <xsl:if test="string(@source)"><h3><xsl:value-of select="@source"/></h3></xsl:if>
      <xsl:for-each select="nx:entry/*">
        <xsl:choose>
          <xsl:when test="self::nx:p"><p><xsl:value-of select="."/></p></xsl:when>
          <xsl:when test="self::nx:imageURL"><p><xsl:call-template name="web_link"><xsl:with-param name="address" select="."/><xsl:with-param name="text" select="."/></xsl:call-template></p></xsl:when>
          <xsl:when test="self::nx:table">
            <div class="nx-scroll" role="region" tabindex="0" aria-label="Table of the notes">
              <table class="nx-table">
                <xsl:if test="nx:title"><caption><xsl:value-of select="nx:title"/></caption></xsl:if>
                <thead><tr><xsl:for-each select="nx:header/nx:column"><th scope="col"><xsl:value-of select="."/></th></xsl:for-each></tr></thead>
                <tbody><xsl:for-each select="nx:rows/nx:row"><tr><xsl:for-each select="nx:cell"><td><xsl:value-of select="."/></td></xsl:for-each></tr></xsl:for-each></tbody>
              </table>
            </div>
          </xsl:when>
        </xsl:choose>
      </xsl:for-each>
    </div>
  </xsl:template>

  <!-- ============================================================ small pieces -->

  <xsl:template name="value">
    <xsl:choose>
      <xsl:when test="@warning = 'true' or @warning = '1'">
        <span class="nx-warn"><xsl:value-of select="."/><xsl:call-template name="unit"/><xsl:call-template name="warning_mark"/></span>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="."/><xsl:call-template name="unit"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="unit">
    <xsl:choose>
      <xsl:when test="@unit = 'degree' or @unit = 'deg'">°</xsl:when>
      <xsl:when test="string(@unit)"><xsl:value-of select="concat('&#xa0;', @unit)"/></xsl:when>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="warning_mark">
    <span class="nx-mark" title="This value is known to be unreliable"><span aria-hidden="true">⚠</span><span class="nx-vh"> (unreliable)</span></span>
  </xsl:template>

  <xsl:template name="counted">
    <xsl:param name="n"/>
    <xsl:param name="noun"/>
    <xsl:value-of select="concat($n, ' ', $noun)"/><xsl:if test="$n != 1">s</xsl:if>
  </xsl:template>

  <xsl:template name="type_name">
    <xsl:choose>
      <xsl:when test="@type = 'SpectrumImage'">Spectrum image</xsl:when>
      <xsl:when test="string(@type)"><xsl:value-of select="@type"/></xsl:when>
      <xsl:otherwise>No type</xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- 2019-11-13T… as 13 Nov 2019; any other text as it is. -->
  <xsl:template name="day">
    <xsl:param name="time"/>
    <xsl:variable name="month" select="number(substring($time, 6, 2))"/>
    <xsl:choose>
      <xsl:when test="$month &gt;= 1 and $month &lt;= 12 and substring($time, 5, 1) = '-'">
        <xsl:value-of select="concat(number(substring($time, 9, 2)), '&#xa0;', substring('JanFebMarAprMayJunJulAugSepOctNovDec', 3 * $month - 2, 3), '&#xa0;', substring($time, 1, 4))"/>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="$time"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="span_of_time">
    <xsl:param name="from"/>
    <xsl:param name="to" select="''"/>
    <xsl:call-template name="day"><xsl:with-param name="time" select="string($from)"/></xsl:call-template>
    <xsl:text>, </xsl:text>
    <span class="nx-nowrap"><xsl:value-of select="substring($from, 12, 5)"/>
    <xsl:if test="string($to)">
      <xsl:text>–</xsl:text>
      <xsl:if test="substring($from, 1, 10) != substring($to, 1, 10)">
        <xsl:call-template name="day"><xsl:with-param name="time" select="string($to)"/></xsl:call-template><xsl:text>, </xsl:text>
      </xsl:if>
      <xsl:value-of select="substring($to, 12, 5)"/>
    </xsl:if></span>
    <xsl:variable name="zone" select="substring($from, string-length($from) - 5)"/>
    <xsl:if test="substring($zone, 4, 1) = ':' and translate(substring($zone, 1, 1), '+-', '') = ''">
      <small>UTC<xsl:value-of select="translate($zone, '-', '−')"/></small>
    </xsl:if>
  </xsl:template>

  <xsl:template name="web_link">
    <xsl:param name="address"/>
    <xsl:param name="text"/>
    <xsl:choose>
      <xsl:when test="starts-with($address, 'https://') or starts-with($address, 'http://')">
        <a class="nx-out" href="{$address}" rel="noopener noreferrer"><xsl:value-of select="$text"/></a>
      </xsl:when>
      <xsl:when test="string($address)"><small><xsl:value-of select="$address"/></small></xsl:when>
    </xsl:choose>
  </xsl:template>

  <!-- The current address below a base: neither a scheme nor a host can come from a record. -->
  <xsl:template name="joined">
    <xsl:param name="base"/>
    <xsl:choose>
      <xsl:when test="$base = ''">./</xsl:when>
      <xsl:when test="substring($base, string-length($base)) = '/'"><xsl:value-of select="$base"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="concat($base, '/')"/></xsl:otherwise>
    </xsl:choose>
    <xsl:choose>
      <xsl:when test="starts-with(., '/')"><xsl:value-of select="substring(., 2)"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- ============================================================ what the script adds -->

  <xsl:template name="script"><xsl:text><![CDATA[
(function () {
  "use strict";
  const root = document.currentScript.closest(".nx");
  const all = (selector, from = root) => Array.from(from.querySelectorAll(selector));
  const one = (selector, from = root) => from.querySelector(selector);
  const form = one(".nx-find"), told = one(".nx-told");

  /* ---- what is on the page: read once, when it is first asked for */
  let gathered = null;
  function gather() {
    if (gathered) return gathered;
    const figures = new Map();
    for (const figure of all(".nx-gallery figure")) {
      const id = one("figcaption a", figure).getAttribute("href").slice(1);
      figures.set(id, (figures.get(id) || []).concat(figure));
    }
    const activities = all(".nx-activity").map((element) => {
      const shared = all(":scope > .nx-pairs tr", element);
      const setup = shared.map((row) => row.textContent).join("\n").toLowerCase();
      const sets = all(".nx-set", element).map((row) => ({
        row, shown: true, type: /t-(\S*)/.exec(row.className)[1], figures: figures.get(row.id) || [],
        text: [row.textContent, columns(row)].join("\n").toLowerCase() + "\n" + setup,
      }));
      const count = one(".nx-count", element);
      return { element, shared, sets, shown: sets.length, count, counted: count.textContent, parts: all(".nx-part, .nx-fold", element),
        band: one('.nx-time a[href="#' + element.id + '"]') };
    });
    gathered = { activities, sets: activities.flatMap((activity) => activity.sets) };
    return gathered;
  }

  const headings = new Map(); /* of each table, those of its values */
  function columns(row) {
    const table = row.closest("table");
    if (!table) return "";
    if (!headings.has(table)) headings.set(table, Array.from(table.tHead.rows[0].cells).slice(2, -1).map((head) => head.textContent));
    return headings.get(table).filter((_, i) => row.cells[i + 2].firstChild).join("\n");
  }

  /* ---- search and filters */
  function wanted() {
    const ticked = (name) => all('input[name="' + name + '"]:checked', form).map((box) => box.value);
    const words = one("input[type=search]", form).value.toLowerCase().split(/\s+/).filter(Boolean);
    const types = ticked("type"), marks = ticked("mark");
    const fits = (set) => (types.length === 0 || types.includes(set.type))
      && (marks.length === 0 || marks.some((mark) => set.row.classList.contains(mark)))
      && words.every((word) => set.text.includes(word));
    return { fits, types, any: words.length + types.length + marks.length > 0 };
  }
  function filter() {
    const { activities, sets } = gather(), { fits, types, any } = wanted();
    for (const set of sets) {
      const shown = fits(set);
      if (shown === set.shown) continue;
      set.shown = shown;
      set.row.hidden = !shown;
      for (const figure of set.figures) figure.hidden = !shown;
    }
    activities.forEach(narrow);
    for (const path of all(".nx-time path")) path.toggleAttribute("hidden", types.length > 0 && !types.includes(path.getAttribute("class").slice(2)));
    const shown = sets.filter((set) => set.shown).length;
    one(".nx-shown", form).textContent = any ? shown + " of " + sets.length + " datasets shown" : sets.length + " datasets";
    one("button[type=reset]", form).hidden = !any;
    form.classList.toggle("nx-narrowed", any);
  }
  function narrow(activity) {
    const shown = activity.sets.filter((set) => set.shown).length;
    if (shown === activity.shown) return;
    activity.shown = shown;
    activity.element.hidden = shown === 0;
    activity.count.textContent = shown === activity.sets.length ? activity.counted : shown + " of " + activity.counted;
    if (activity.band) activity.band.classList.toggle("nx-none", shown === 0);
    for (const part of activity.parts) part.hidden = !one(".nx-set:not([hidden]), figure:not([hidden])", part);
  }
  function reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (form && target && root.contains(target) && target.closest("[hidden]")) {
      form.reset();
      target.scrollIntoView();
    }
  }
  if (form) {
    let timer = 0;
    const soon = () => { clearTimeout(timer); timer = setTimeout(filter, 40); };
    form.addEventListener("input", soon);
    form.addEventListener("reset", () => setTimeout(filter));
    form.addEventListener("submit", (event) => { event.preventDefault(); filter(); });
    addEventListener("hashchange", reveal);
    one(".nx-shown", form).textContent = all(".nx-set").length + " datasets";
    form.hidden = false;
    if (window.requestIdleCallback) requestIdleCallback(gather, { timeout: 500 });
  }

  /* ---- lists to take home: of what is shown */
  const shownSets = () => gather().sets.filter((set) => set.shown);
  const link = (set, name) => all("a", set.row).find((each) => each.textContent === name);
  function place(set) {
    const raw = link(set, "Raw");
    if (!raw) return "";
    if (raw.protocol !== "file:") return raw.href;
    return (raw.host ? "//" + raw.host : "") + decoded(raw.pathname);
  }
  function decoded(path) {
    try { return decodeURIComponent(path); } catch { return path; }
  }
  function values(set, activity) {
    const found = { Dataset: one("b", set.row).textContent, Type: set.type, Activity: activity.element.id.replace("activity-", "") };
    const time = one("time", set.row), said = all(".nx-said", set.row).map((each) => each.textContent).join(" ");
    if (time) found.Time = time.getAttribute("datetime");
    if (said) found.Remarks = said;
    for (const pair of activity.shared.concat(all(".nx-pairs tr", set.row))) found[pair.cells[0].textContent] = pair.cells[1].textContent;
    const table = set.row.closest("table");
    if (table) headings.get(table).forEach((name, i) => { found[name] = set.row.cells[i + 2].textContent; });
    for (const line of (one("details p", set.row)?.textContent || "").split("\n")) {
      const [name, value] = line.split(":\t");
      if (value !== undefined) found[name] = value;
    }
    found["Raw file"] = place(set);
    return found;
  }
  function table() {
    const rows = gather().activities.flatMap((activity) => activity.sets.filter((set) => set.shown).map((set) => values(set, activity)));
    const names = Array.from(new Set(rows.flatMap(Object.keys)));
    return [names].concat(rows.map((row) => names.map((name) => row[name] ?? ""))).map((cells) => cells.map(cell).join(",")).join("\r\n") + "\r\n";
  }
  function cell(text) { /* a spreadsheet takes what begins so for a formula, unless it is a number */
    const tame = /^[=+@\t\r-]/.test(text) && !/^[+-]?[\d.]/.test(text) ? "'" + text : text;
    return '"' + tame.replaceAll('"', '""') + '"';
  }
  function save(text, name, type) {
    const anchor = document.createElement("a");
    anchor.href = URL.createObjectURL(new Blob(["\ufeff", text], { type }));
    anchor.download = name;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(anchor.href), 60000);
  }
  const title = one("h1").textContent.replace(/[^\p{L}\p{N}._-]+/gu, " ").trim().slice(0, 80);
  function copyPlaces() {
    const places = Array.from(new Set(shownSets().map(place).filter(Boolean))), text = places.join("\n");
    const done = () => { told.textContent = places.length + " locations copied."; };
    const file = () => { save(text, title + " locations.txt", "text/plain"); told.textContent = "The browser lets no page copy here, so the locations are saved as a file."; };
    navigator.clipboard ? navigator.clipboard.writeText(text).then(done, file) : file();
  }
  const buttons = { ".nx-csv": () => save(table(), title + ".csv", "text/csv"), ".nx-paths": copyPlaces };
  for (const [selector, act] of Object.entries(buttons)) {
    const button = one(selector);
    button.addEventListener("click", act);
    button.parentNode.hidden = false;
  }
  const number = /\/data$/.test(location.pathname) ? new URLSearchParams(location.search).get("id") : null;
  const xml = one(".nx-xml");
  if (xml.hidden && /^\w+$/.test(number || "")) { /* a page of CDCS, which serves the record itself */
    one("a", xml).href = location.pathname.replace(/data$/, "rest/data/download/") + number + "/";
    xml.hidden = false;
  }

  /* ---- previews at full size, turned over with the arrow keys */
  let view = null, series = [], at = 0;
  const made = (name, text, into, act) => {
    const element = into.appendChild(document.createElement(name));
    element.textContent = text;
    if (act) element.addEventListener("click", act);
    return element;
  };
  function makeView() {
    const dialog = made("dialog", "", root);
    dialog.className = "nx-view";
    const turning = made("div", "", dialog);
    turning.className = "nx-turn";
    const count = made("span", "", turning);
    for (const [text, step] of [["Previous", -1], ["Next", 1]]) made("button", text, turning, () => turn(step)).type = "button";
    made("button", "Close", turning, () => dialog.close()).type = "button";
    const picture = made("a", "", dialog), image = made("img", "", picture);
    const told = made("div", "", dialog), heading = made("h2", "", told), list = made("dl", "", told);
    dialog.setAttribute("aria-labelledby", heading.id = "nx-view-name");
    count.setAttribute("role", "status");
    list.tabIndex = 0;
    dialog.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step) { event.preventDefault(); turn(step); }
    });
    dialog.addEventListener("close", () => one("a", series[at].figure).focus());
    return { dialog, count, picture, image, heading, list };
  }
  function turn(step) {
    at = (at + step + series.length) % series.length;
    const { set, figure } = series[at], source = one("a", figure);
    const activity = gather().activities.find((each) => each.sets.includes(set));
    const found = values(set, activity);
    view.heading.textContent = found.Dataset;
    view.count.textContent = "Preview " + (at + 1) + " of " + series.length;
    view.picture.href = view.image.src = source.href;
    view.image.alt = "Preview of " + found.Dataset;
    view.list.replaceChildren();
    for (const [name, value] of Object.entries(found)) {
      if (name === "Dataset" || !value) continue;
      made("dt", name, view.list);
      made("dd", value, view.list);
    }
  }
  root.addEventListener("click", (event) => {
    const anchor = event.target.closest(".nx-gallery figure > a");
    if (!anchor || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || !window.HTMLDialogElement) return;
    event.preventDefault();
    view = view || makeView();
    series = shownSets().flatMap((set) => set.figures.map((figure) => ({ set, figure })));
    at = series.findIndex((each) => each.figure === anchor.parentNode);
    turn(0);
    view.dialog.showModal();
  });
  addEventListener("beforeprint", () => { for (const image of all("img[loading=lazy]")) image.loading = "eager"; });
})();
]]></xsl:text></xsl:template>

  <!-- ============================================================ looks -->

  <xsl:template name="css"><xsl:text><![CDATA[
.nx{--bg:#f4f6f6;--card:#fff;--ink:#16211f;--soft:#55645f;--line:#dfe6e3;--faint:#f0f4f2;--accent:#0b6b5d;--accent-ink:#fff;
--warn:#8a4b00;--warn-bg:#fff4e0;--bad:#a3221b;--bad-bg:#fdeeec;
--t-Image:#2f6fb5;--t-Spectrum:#c05c0a;--t-SpectrumImage:#8b3fa8;--t-Diffraction:#0b7f6b;--t-Notes:#6b7280;--t-Misc:#6b7280;--t-Unknown:#6b7280;
color-scheme:light dark;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
max-width:76rem;margin:0 auto;padding:clamp(.75rem,2.5vw,2.25rem);box-sizing:border-box;text-align:left;overflow-wrap:anywhere}
@media (prefers-color-scheme:dark){.nx{--bg:#0f1416;--card:#171e20;--ink:#e4ecea;--soft:#9db0aa;--line:#2a3538;--faint:#1d2628;--accent:#5fd0bb;--accent-ink:#06211c;
--warn:#f2b45a;--warn-bg:#33270f;--bad:#ff9a90;--bad-bg:#381b19;
--t-Image:#7db4f0;--t-Spectrum:#f2a25c;--t-SpectrumImage:#d39bea;--t-Diffraction:#5fd0bb;--t-Notes:#a3adb5;--t-Misc:#a3adb5;--t-Unknown:#a3adb5}}
.nx *,.nx *::before{box-sizing:border-box}
.nx h1,.nx h2,.nx h3,.nx p,.nx ul,.nx ol,.nx dl,.nx dd,.nx figure{margin:0;padding:0}
.nx ul,.nx ol{list-style:none}
.nx h1{font-size:clamp(1.6rem,1.1rem + 2.2vw,2.6rem);line-height:1.15;font-weight:700;letter-spacing:-.02em;margin:.5rem 0 .75rem;max-width:26em;text-wrap:balance;color:inherit}
.nx h2{font-size:1.25rem;line-height:1.3;font-weight:650;letter-spacing:-.01em;color:inherit}
.nx h3{font-size:.95rem;font-weight:650;margin:1.5rem 0 .5rem;color:inherit}
.nx small{font-size:.8125rem;font-weight:400;color:var(--soft)}
.nx h3 small{margin-left:.35rem}
.nx a{color:var(--accent);text-decoration:underline;text-decoration-thickness:1px;text-underline-offset:.18em}
.nx a:hover{text-decoration-thickness:2px}
.nx :focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
.nx [hidden]{display:none!important}
.nx-skip{position:absolute;left:-99rem}
.nx-skip:focus{left:1rem;top:.5rem;z-index:9;background:var(--card);padding:.5rem 1rem;border-radius:6px}
.nx-vh{position:absolute!important;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.nx-head{padding:.25rem 0 1.5rem}
.nx-over{display:flex;flex-wrap:wrap;gap:.5rem .75rem;align-items:center;color:var(--soft);font-size:.9375rem}
.nx-badge{background:var(--accent);color:var(--accent-ink);border-radius:99px;padding:.15rem .75rem;font-weight:600;font-size:.875rem}
.nx-why{font-size:1.0625rem;color:var(--soft);max-width:44em;white-space:pre-line}
.nx-facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,10rem),1fr));gap:1.25rem 2rem;margin-top:1.75rem!important;padding-top:1.25rem!important;border-top:1px solid var(--line)}
.nx-facts dt{font-size:.8125rem;font-weight:500;color:var(--soft);margin-bottom:.1rem}
.nx-facts dd{font-weight:550}
.nx-facts dd>:not(.nx-nowrap){display:block;font-weight:400}
.nx-facts dd>a{font-size:.875rem;width:fit-content}
.nx-elements{display:flex!important;flex-wrap:wrap;gap:.25rem;margin:.25rem 0}
.nx-elements abbr{border:1px solid var(--line);background:var(--card);border-radius:4px;padding:0 .4rem;font-size:.8125rem;text-decoration:none}
.nx-downloads{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:1.25rem!important}
.nx-downloads a,.nx button{display:inline-block;font:inherit;font-size:.875rem;line-height:1.3;color:var(--accent);background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.4rem .8rem;text-decoration:none;cursor:pointer}
.nx-downloads a:hover,.nx button:hover{border-color:var(--accent)}
.nx-told{font-size:.875rem;color:var(--soft)}.nx-told:not(:empty){margin-top:.5rem}
.nx-card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:clamp(1rem,2.2vw,1.75rem);margin-bottom:1.25rem;min-width:0}
.nx-activity{scroll-margin-top:1rem}
.nx-row{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:.35rem 1.5rem}
.nx-when{display:flex;flex-wrap:wrap;gap:0 1rem;color:var(--soft);font-size:.9375rem;font-variant-numeric:tabular-nums}
.nx-alert{background:var(--bad-bg);border-color:color-mix(in srgb,var(--bad) 35%,transparent)}
.nx-alert h2{font-size:1.0625rem;color:var(--bad);margin-bottom:.35rem}
.nx-alert a{color:var(--bad);font-weight:600}
.nx-caution{background:var(--warn-bg);border-color:color-mix(in srgb,var(--warn) 35%,transparent)}
.nx-caution h2{font-size:1.0625rem;color:var(--warn);margin-bottom:.35rem}
.nx-caution ul{display:flex;flex-wrap:wrap;gap:.1rem 1.25rem}.nx-caution b{font-weight:650}
.nx-find{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem 1.25rem;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:.6rem clamp(1rem,2.2vw,1.75rem);margin:0 0 1.25rem;font-size:.9375rem}
@media (min-width:48rem) and (min-height:32rem){.nx-find{position:sticky;top:0;z-index:3;box-shadow:0 2px 8px #0002}.nx-find~.nx-activity,.nx-find~.nx-activity .nx-set{scroll-margin-top:5rem}}
.nx-words{display:flex;flex:1 1 18.5rem;align-items:center;gap:.6rem}.nx-words label{font-weight:600}
.nx-words input{flex:1;min-width:0;font:inherit;color:inherit;background:var(--bg);border:1px solid var(--soft);border-radius:8px;padding:.4rem .7rem}
.nx-words input::placeholder{color:var(--soft);opacity:1}
.nx-find fieldset{display:flex;flex-wrap:wrap;gap:.3rem;border:0;margin:0;padding:0;min-width:0}
.nx-find fieldset label{display:flex;align-items:center;gap:.35rem;border:1px solid var(--line);border-radius:99px;padding:.2rem .7rem;cursor:pointer;font-size:.875rem}
.nx-find fieldset label:hover,.nx-find fieldset label:has(:checked){border-color:var(--accent)}.nx-find fieldset label:has(:checked){background:var(--faint);font-weight:600}
.nx-find fieldset input{margin:0;accent-color:var(--accent)}
.nx-result{display:flex;align-items:center;gap:.75rem;margin-left:auto!important;color:var(--soft);font-variant-numeric:tabular-nums}
.nx-legend{display:flex;flex-wrap:wrap;gap:.25rem 1rem;font-size:.875rem;color:var(--soft)}
.nx-legend li{display:flex;align-items:center;gap:.4rem}
.nx-legend b,.nx-chips b{font-weight:650;color:var(--ink);font-variant-numeric:tabular-nums}
.nx i{display:inline-block;width:.625rem;height:.625rem;border-radius:3px;background:var(--c,var(--soft));flex:none}
.nx .t-Image{--c:var(--t-Image)}.nx .t-Spectrum{--c:var(--t-Spectrum)}.nx .t-SpectrumImage{--c:var(--t-SpectrumImage)}.nx .t-Diffraction{--c:var(--t-Diffraction)}
.nx .t-Notes,.nx .t-Misc{--c:var(--t-Notes)}.nx .t-Unknown{--c:var(--t-Unknown)}
.nx-time{position:relative;display:block;margin-top:1.25rem;padding:0 .25rem}
.nx-booked{position:relative;height:1.25rem;border-top:2px solid var(--line);border-left:2px solid var(--line);border-right:2px solid var(--line);border-radius:6px 6px 0 0}
.nx-booked span{position:absolute;top:-.75rem;left:.6rem;background:var(--card);padding:0 .35rem;font-size:.75rem;color:var(--soft)}
.nx-time ol{position:relative;height:2.5rem;background:var(--faint);border-radius:6px 6px 0 0}
.nx-time li{position:absolute;top:0;bottom:0;min-width:6px}
.nx-time li a{display:flex;justify-content:center;height:100%;color:var(--ink);font-size:.8125rem;line-height:1.25rem;font-weight:650;text-decoration:none}
.nx-time li a::after{content:"";position:absolute;inset:1.25rem 0 0;background:var(--accent);border-radius:4px 4px 0 0;box-shadow:0 0 0 1px var(--faint)}
.nx-time .n{flex:none;white-space:nowrap}
.nx-time li a:hover{color:var(--accent)}.nx-time .many .n{display:none}.nx-time .nx-none{opacity:.25}
.nx-time svg{display:block;width:100%;padding:.125rem 0;background:var(--faint);border-radius:0 0 6px 6px;border-top:2px solid var(--card)}
.nx-time path{fill:none;stroke:var(--c,var(--soft));stroke-width:2px;vector-effect:non-scaling-stroke}
.nx-axis{position:relative;height:1.5rem;font-size:.75rem;color:var(--soft);font-variant-numeric:tabular-nums}
.nx-axis span{position:absolute;white-space:nowrap;top:.25rem;transform:translateX(-50%)}
.nx-axis span::before{content:"";position:absolute;left:50%;top:-.25rem;height:.25rem;border-left:1px solid var(--soft)}
.nx-chips{display:flex;flex-wrap:wrap;gap:.4rem;margin-top:.75rem!important}
.nx-chips li{background:var(--faint);border:1px solid var(--line);border-radius:99px;padding:.1rem .7rem;font-size:.875rem}
.nx-chips b{margin-left:.4rem}
.nx-pairs{display:block;width:100%;border:0;font-size:.875rem}
.nx-pairs tbody{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));gap:0 2rem}
.nx-pairs tr{display:flex;justify-content:space-between;gap:1rem;border-bottom:1px solid var(--line);padding:.3rem 0;background:none}
.nx-pairs th{font-weight:400;color:var(--soft);text-align:left;padding:0;border:0}
.nx-pairs td{font-weight:550;text-align:right;padding:0;border:0;font-variant-numeric:tabular-nums}
.nx-warn{background:var(--warn-bg);border-radius:4px;padding:0 .3rem;margin:0 -.3rem}
.nx-mark{color:var(--warn);margin-left:.3rem;font-size:.85em;cursor:help}
.nx summary{cursor:pointer}
.nx-fold>summary{display:flex;align-items:center;gap:.45rem;margin:1.5rem 0 .5rem;list-style:none;width:fit-content}
.nx-fold>summary::-webkit-details-marker{display:none}
.nx-fold>summary::before{content:"";border:solid transparent;border-width:.3rem 0 .3rem .42rem;border-left-color:var(--soft)}
.nx-fold[open]>summary::before{transform:rotate(90deg)}
.nx-fold>summary h3{margin:0}
.nx-gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(44%,9.5rem),1fr));gap:.75rem}
.nx-gallery a{display:block;border-radius:8px;overflow:hidden;background:var(--faint);border:1px solid var(--line);aspect-ratio:1}
.nx-gallery a:hover{border-color:var(--accent)}
.nx-gallery img{display:block;width:100%;height:100%;object-fit:contain;font-size:.75rem;color:var(--soft)}
.nx-gallery+.nx-gallery{margin-top:.75rem}
.nx-gallery figcaption{font-size:.8125rem;line-height:1.35;margin-top:.3rem}
.nx-gallery figcaption a{all:unset;cursor:pointer}.nx-gallery figcaption a:hover{text-decoration:underline}
.nx-gallery figcaption a:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
.nx-gallery figcaption::before,.nx-set b::before{content:"";display:inline-block;width:.625rem;height:.625rem;border-radius:3px;background:var(--c,var(--soft));margin-right:.4rem}
.nx-large .nx-part,.nx-large .nx-activity{content-visibility:auto}.nx-large .nx-activity{contain-intrinsic-block-size:auto 60rem}
.nx-scroll{position:relative;overflow-x:auto}.nx-scroll+.nx-scroll{margin-top:1rem}
.nx-table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums;background:none;color:inherit}
.nx-table th,.nx-table td{text-align:left;vertical-align:top;padding:.5rem .9rem .5rem 0;border:0;border-bottom:1px solid var(--line);overflow-wrap:normal}
.nx-table thead th{font-size:.8125rem;font-weight:500;color:var(--soft);vertical-align:bottom;line-height:1.3;border-bottom-color:var(--soft);min-width:4.5rem}
.nx-table tbody th{font-weight:550;min-width:13rem;max-width:22rem;overflow-wrap:anywhere}
.nx-table tbody tr:hover>*{background:var(--faint)}
@media (min-width:48rem){.nx-table th:first-child{position:sticky;left:0;background:var(--card)}}
.nx-table tr:target>*,.nx-set:target{background:var(--warn-bg)!important}
.nx-nowrap{white-space:nowrap}
.nx-table td{white-space:nowrap;max-width:18rem;overflow:hidden;text-overflow:ellipsis}
.nx-set b{font-weight:inherit;display:block;text-indent:-1.025rem;padding-left:1.025rem}.nx-set b::before{text-indent:0}
.nx-set th small,.nx-set h3 small{display:block;margin-left:1.025rem}
.nx-bad .nx-said{color:var(--bad)}.nx-bad b::before{border-radius:99px;background:var(--bad)}
.nx-set td a{font-size:.8125rem;margin-right:.35rem}
.nx-set details{margin-left:1.025rem;font-weight:400;font-size:.8125rem}
.nx-set summary{color:var(--accent);width:fit-content}
.nx-set details p{white-space:pre-wrap;tab-size:14rem;-moz-tab-size:14rem;margin:.25rem 0;line-height:1.6}
.nx-links{font-size:.875rem;color:var(--soft);margin-left:1.025rem!important}
.nx-links a{margin-left:.4rem}
.nx-set .nx-pairs{margin-top:.75rem}
.nx-view{width:min(96vw,70rem);max-height:94vh;padding:1rem;border:1px solid var(--line);border-radius:12px;background:var(--card);color:var(--ink);overflow:auto}
.nx-view::backdrop{background:#000a}
.nx-view[open]{display:grid;grid-template-columns:minmax(0,1fr);gap:.75rem 1.5rem}
.nx-view img{width:100%;max-height:72vh;object-fit:contain;background:#fff;border-radius:8px}
.nx-view h2{font-size:1.0625rem;overflow-wrap:anywhere}
.nx-view .nx-turn{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem}.nx-view .nx-turn span{color:var(--soft);font-size:.875rem;margin-right:auto}
.nx-view dl{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,3fr);gap:.15rem 1rem;font-size:.8125rem;max-height:70vh;overflow:auto;margin-top:.5rem}
.nx-view dt{color:var(--soft)}
@media (min-width:60rem){.nx-view[open]{grid-template-columns:minmax(0,3fr) minmax(0,2fr)}.nx-view .nx-turn{grid-column:1/-1}}
.nx-note p{max-width:60em}
.nx-activity .nx-note{margin-top:.75rem}
.nx-foot{color:var(--soft);font-size:.8125rem;padding:.25rem 0 1rem;text-align:center}
@media (max-width:34rem){.nx-time .some .n{display:none}.nx{padding:.75rem}.nx-axis span:nth-child(even){font-size:0}.nx-card{border-radius:10px}.nx-facts{grid-template-columns:1fr 1fr;gap:1rem 1.25rem}.nx-set details p{tab-size:9rem}.nx-result{margin-left:0!important}}
@media print{.nx{--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#ccc;--faint:#f4f4f4;--accent:#0b6b5d;--accent-ink:#fff;max-width:none;padding:0;font-size:10pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.nx-card{border:0;border-top:1px solid #999;border-radius:0;padding:1rem 0}.nx-gallery{grid-template-columns:repeat(5,1fr)}.nx figure,.nx tr,.nx-alert{break-inside:avoid}.nx h2,.nx h3{break-after:avoid}
.nx-part,.nx-activity{content-visibility:visible!important}.nx-find{position:static;border:0;padding:0}.nx-find:not(.nx-narrowed),.nx-words,.nx-find fieldset,.nx-downloads,.nx button,.nx-skip,.nx-view,.nx-told{display:none!important}
.nx-table td{white-space:normal}.nx-scroll{overflow:visible}.nx-time{padding:0 1.5rem}.nx-table,.nx-set small,.nx-set details,.nx-set td a{font-size:8pt}.nx details::details-content{content-visibility:visible;display:block}}
]]></xsl:text></xsl:template>

</xsl:stylesheet>
