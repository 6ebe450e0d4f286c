<?xml version="1.0" encoding="UTF-8"?>
<!--
  A Nexus Experiment record as one self-contained page: no script, no file of its own, nothing from a network but the
  previews and files that the record links to.

  Origin: written for this project. XSLT 1.0 with EXSLT's date:seconds (libxslt has it); without it the timeline is left out.

  Parameters, all optional. CDCS passes none, so the defaults make a fragment that sits well inside its page:
    dataset_base   put before the location of a raw file     (default /instrument-data)
    preview_base   put before a preview and a metadata file  (default /data)
    standalone     'yes' for a whole HTML page; anything else for a fragment
  Only http and https addresses become links, and every text is escaped by the serializer.
-->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:nx="https://data.nist.gov/od/dm/nexus/experiment/v1.0"
    xmlns:date="http://exslt.org/dates-and-times"
    exclude-result-prefixes="nx date">

  <xsl:output method="html" encoding="UTF-8" indent="no"/>
  <xsl:strip-space elements="*"/>

  <xsl:param name="dataset_base" select="'/instrument-data'"/>
  <xsl:param name="preview_base" select="'/data'"/>
  <xsl:param name="standalone" select="'no'"/>

  <!-- A table shows at most this many parameters as columns; the others fold out below the dataset's name. -->
  <xsl:variable name="most_columns" select="10"/>
  <!-- An activity with more datasets than this keeps its previews folded. -->
  <xsl:variable name="most_open" select="60"/>

  <!-- Names that have a place of their own on the page. -->
  <xsl:variable name="reserved" select="'|Creation Time|Data Type|DatasetType|Metadata File|'"/>

  <!-- The values of one name in one activity, and the datasets of one Data Type in one activity. -->
  <xsl:key name="values" match="nx:dataset/nx:meta" use="concat(generate-id(../..), '|', @name)"/>
  <xsl:key name="contents" match="nx:dataset/nx:meta[@name='Data Type']" use="concat(generate-id(../..), '|', .)"/>
  <xsl:key name="types" match="nx:dataset" use="@type"/>
  <xsl:key name="samples" match="nx:sample" use="@id"/>

  <xsl:variable name="activities" select="/nx:Experiment/nx:acquisitionActivity"/>
  <xsl:variable name="datasets" select="$activities/nx:dataset"/>
  <xsl:variable name="unreadable" select="$datasets[nx:description[starts-with(., 'Could not be read: ')]]"/>
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
            <title><xsl:value-of select="$title"/></title>
            <style>body{margin:0;background:#f4f6f6}@media (prefers-color-scheme:dark){body{background:#0f1416}}</style>
          </head>
          <body><main><xsl:apply-templates select="nx:Experiment"/></main></body>
        </html>
      </xsl:when>
      <xsl:otherwise><xsl:apply-templates select="nx:Experiment"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="nx:Experiment">
    <article class="nx">
      <style><xsl:call-template name="css"/></style>
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
      </header>
      <xsl:call-template name="unreadable_files"/>
      <xsl:call-template name="overview"/>
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
          <xsl:for-each select="$datasets[generate-id() = generate-id(key('types', @type)[1])]">
            <xsl:sort select="count(key('types', @type))" data-type="number" order="descending"/>
            <li class="t-{@type}"><i></i><xsl:call-template name="type_name"/><b><xsl:value-of select="count(key('types', @type))"/></b></li>
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

  <!-- Bands for activities, ticks for files, the reservation above; all positions are per cent of the whole span. -->
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
        <xsl:if test="count($activities) &gt; 24"><xsl:attribute name="class">many</xsl:attribute></xsl:if>
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
      <svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <xsl:for-each select="$datasets[generate-id() = generate-id(key('types', @type)[1])]">
          <path class="t-{@type}">
            <xsl:attribute name="d">
              <xsl:for-each select="key('types', @type)/nx:meta[@name='Creation Time']">
                <xsl:variable name="at" select="date:seconds(.) - $start"/>
                <xsl:if test="$at &gt;= 0 and $at &lt;= $span">M<xsl:value-of select="format-number(1000 * $at div $span, '0.#')"/> 0v10</xsl:if>
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
          <span>
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
    <xsl:variable name="own" select="nx:dataset/nx:meta[@name='Data Type'][generate-id() = generate-id(key('contents', concat($id, '|', .))[1])]"/>
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
        <div class="nx-gallery">
          <xsl:for-each select="nx:dataset[nx:preview]">
            <xsl:variable name="name" select="nx:name"/>
            <xsl:for-each select="nx:preview">
              <xsl:variable name="address"><xsl:call-template name="joined"><xsl:with-param name="base" select="$preview_base"/></xsl:call-template></xsl:variable>
              <figure class="t-{../@type}">
                <a href="{$address}"><img src="{$address}" alt="Preview of {$name}" loading="lazy" decoding="async"/></a>
                <figcaption><i></i><xsl:value-of select="$name"/></figcaption>
              </figure>
            </xsl:for-each>
          </xsl:for-each>
        </div>
      </details>
    </xsl:if>
  </xsl:template>

  <!-- ============================================================ datasets -->

  <xsl:template name="dataset_table">
    <xsl:variable name="id" select="generate-id()"/>
    <xsl:variable name="total" select="count(nx:dataset[nx:meta[not(contains($reserved, concat('|', @name, '|')))]])"/>
    <xsl:variable name="common" select="nx:dataset/nx:meta[not(contains($reserved, concat('|', @name, '|')))]
        [generate-id() = generate-id(key('values', concat($id, '|', @name))[1])][2 * count(key('values', concat($id, '|', @name))) &gt; $total]"/>
    <xsl:variable name="columns" select="$common[position() &lt;= $most_columns]"/>
    <h3>Datasets <small>with the parameters that vary</small></h3>
    <div class="nx-scroll" role="region" tabindex="0" aria-label="Datasets of activity {position()}">
      <table class="nx-table">
        <caption class="nx-vh">Datasets of activity <xsl:value-of select="position()"/>, with the parameters that vary</caption>
        <thead>
          <tr>
            <th scope="col">Dataset</th>
            <th scope="col">Time</th>
            <xsl:for-each select="$columns"><th scope="col"><xsl:value-of select="@name"/></th></xsl:for-each>
            <th scope="col">Files</th>
          </tr>
        </thead>
        <tbody>
          <xsl:for-each select="nx:dataset">
            <xsl:variable name="dataset" select="."/>
            <tr id="{generate-id()}">
              <xsl:if test="nx:description[starts-with(., 'Could not be read: ')]"><xsl:attribute name="class">nx-bad</xsl:attribute></xsl:if>
              <th scope="row">
                <xsl:call-template name="dataset_heading"/>
                <xsl:call-template name="further_values"><xsl:with-param name="columns" select="$columns"/></xsl:call-template>
              </th>
              <td class="nx-nowrap"><xsl:call-template name="creation_time"/></td>
              <xsl:for-each select="$columns">
                <td><xsl:for-each select="$dataset/nx:meta[@name = current()/@name]"><xsl:call-template name="value"/></xsl:for-each></td>
              </xsl:for-each>
              <td class="nx-nowrap"><xsl:call-template name="files"/></td>
            </tr>
          </xsl:for-each>
        </tbody>
      </table>
    </div>
  </xsl:template>

  <xsl:template name="only_dataset">
    <xsl:for-each select="nx:dataset">
      <div id="{generate-id()}">
        <xsl:attribute name="class">nx-only<xsl:if test="nx:description[starts-with(., 'Could not be read: ')]"> nx-bad</xsl:if></xsl:attribute>
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
    <span class="nx-name t-{@type}"><i></i><xsl:value-of select="nx:name"/></span>
    <span class="nx-kind">
      <xsl:call-template name="type_name"/>
      <xsl:if test="nx:meta[@name='DatasetType']/@warning = 'true'"><xsl:call-template name="warning_mark"/></xsl:if>
      <xsl:for-each select="nx:meta[@name='Data Type'][1]"> · <xsl:value-of select="translate(., '_', ' ')"/><xsl:if test="@warning = 'true'"><xsl:call-template name="warning_mark"/></xsl:if></xsl:for-each>
      <xsl:if test="@role and @role != 'Experimental'"> · <xsl:value-of select="@role"/></xsl:if>
    </span>
    <xsl:for-each select="nx:description"><span class="nx-said"><xsl:value-of select="."/></span></xsl:for-each>
  </xsl:template>

  <!-- What a dataset has beside the columns of its table. -->
  <xsl:template name="further_values">
    <xsl:param name="columns"/>
    <xsl:variable name="further" select="nx:meta[not(contains($reserved, concat('|', @name, '|')))][not(@name = $columns/@name)]"/>
    <xsl:if test="$further">
      <details class="nx-more">
        <summary><xsl:call-template name="counted"><xsl:with-param name="n" select="count($further)"/><xsl:with-param name="noun" select="'further value'"/></xsl:call-template></summary>
        <dl><xsl:for-each select="$further"><dt><xsl:value-of select="@name"/></dt><dd><xsl:call-template name="value"/></dd></xsl:for-each></dl>
      </details>
    </xsl:if>
  </xsl:template>

  <xsl:template name="creation_time">
    <xsl:for-each select="nx:meta[@name='Creation Time'][1]">
      <time datetime="{.}" title="{.}">
        <xsl:if test="substring(., 1, 10) != substring(../../nx:startTime, 1, 10)">
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
    <xsl:variable name="name" select="nx:name"/>
    <xsl:for-each select="nx:location">
      <xsl:variable name="address"><xsl:call-template name="joined"><xsl:with-param name="base" select="$dataset_base"/></xsl:call-template></xsl:variable>
      <a class="nx-file" href="{$address}" title="{.}">Raw<span class="nx-vh"> file of <xsl:value-of select="$name"/></span></a>
    </xsl:for-each>
    <xsl:for-each select="nx:preview">
      <xsl:variable name="address"><xsl:call-template name="joined"><xsl:with-param name="base" select="$preview_base"/></xsl:call-template></xsl:variable>
      <a class="nx-file" href="{$address}">PNG<span class="nx-vh"> preview of <xsl:value-of select="$name"/></span></a>
    </xsl:for-each>
    <xsl:for-each select="nx:meta[@name='Metadata File']">
      <xsl:variable name="address"><xsl:call-template name="joined"><xsl:with-param name="base" select="$preview_base"/></xsl:call-template></xsl:variable>
      <a class="nx-file" href="{$address}">JSON<span class="nx-vh"> metadata of <xsl:value-of select="$name"/></span></a>
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
      <xsl:when test="string(@unit)"><xsl:text>&#xa0;</xsl:text><span class="nx-unit"><xsl:value-of select="@unit"/></span></xsl:when>
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
.nx a:focus-visible,.nx summary:focus-visible,.nx [tabindex]:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
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
.nx-card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:clamp(1rem,2.2vw,1.75rem);margin-bottom:1.25rem;min-width:0}
.nx-activity{scroll-margin-top:1rem}
.nx-row{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:.35rem 1.5rem}
.nx-when{display:flex;flex-wrap:wrap;gap:0 1rem;color:var(--soft);font-size:.9375rem;font-variant-numeric:tabular-nums}
.nx-alert{background:var(--bad-bg);border-color:color-mix(in srgb,var(--bad) 35%,transparent)}
.nx-alert h2{font-size:1.0625rem;color:var(--bad);margin-bottom:.35rem}
.nx-alert a{color:var(--bad);font-weight:600}
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
.nx-time li a:hover{color:var(--accent)}.nx-time .many .n{display:none}
.nx-time svg{display:block;width:100%;height:1.125rem;background:var(--faint);border-radius:0 0 6px 6px;border-top:2px solid var(--card)}
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
.nx-unit{color:var(--soft);font-weight:400}
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
.nx-gallery figcaption{display:flex;align-items:baseline;gap:.4rem;font-size:.8125rem;line-height:1.35;margin-top:.3rem}
.nx-scroll{overflow-x:auto}
.nx-table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums;background:none;color:inherit}
.nx-table th,.nx-table td{text-align:left;vertical-align:top;padding:.5rem .9rem .5rem 0;border:0;border-bottom:1px solid var(--line);overflow-wrap:normal}
.nx-table thead th{font-size:.8125rem;font-weight:500;color:var(--soft);vertical-align:bottom;line-height:1.3;border-bottom-color:var(--soft);min-width:4.5rem}
.nx-table tbody th{font-weight:550;min-width:13rem;max-width:22rem;overflow-wrap:anywhere}
.nx-table tbody tr:hover>*{background:var(--faint)}
@media (min-width:48rem){.nx-table th:first-child{position:sticky;left:0;background:var(--card)}}
.nx-table tr:target>*,.nx-only:target{background:var(--warn-bg)!important}
.nx-nowrap{white-space:nowrap}
.nx-name{display:flex;align-items:baseline;gap:.4rem}
.nx-kind,.nx-said{display:block;font-size:.8125rem;font-weight:400;color:var(--soft);margin-left:1.025rem}
.nx-bad .nx-said{color:var(--bad)}
.nx-bad .nx-name i{border-radius:99px;background:var(--bad)}
.nx-file{display:inline-block;font-size:.8125rem;margin-right:.6rem}
.nx-more{margin-left:1.025rem;font-weight:400;font-size:.8125rem}
.nx-more summary{color:var(--accent);width:fit-content}
.nx-more dl{display:grid;grid-template-columns:minmax(0,3fr) minmax(5em,2fr);gap:.1rem .75rem;margin:.25rem 0!important}
.nx-more dt{color:var(--soft)}
.nx-links{font-size:.875rem;color:var(--soft);margin-left:1.025rem!important}
.nx-links .nx-file{margin-left:.6rem;margin-right:0}
.nx-only .nx-pairs{margin-top:.75rem}
.nx-note p{max-width:60em}
.nx-activity .nx-note{margin-top:.75rem}
.nx-foot{color:var(--soft);font-size:.8125rem;padding:.25rem 0 1rem;text-align:center}
@media (max-width:34rem){.nx{padding:.75rem}.nx-axis span:nth-child(even){font-size:0}.nx-card{border-radius:10px}.nx-facts{grid-template-columns:1fr 1fr;gap:1rem 1.25rem}}
@media print{.nx{--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#ccc;--faint:#f4f4f4;--accent:#0b6b5d;--accent-ink:#fff;max-width:none;padding:0;font-size:10pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.nx-card{border:0;border-top:1px solid #999;border-radius:0;padding:1rem 0}.nx-gallery{grid-template-columns:repeat(5,1fr)}.nx figure,.nx tr,.nx-alert{break-inside:avoid}.nx h2,.nx h3{break-after:avoid}
.nx-scroll{overflow:visible}.nx-time{padding:0 1.5rem}.nx-table{font-size:8pt}.nx details::details-content{content-visibility:visible;display:block}}
]]></xsl:text></xsl:template>

</xsl:stylesheet>
