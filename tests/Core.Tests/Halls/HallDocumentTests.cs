using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HallOps.Core.Halls;

namespace HallOps.Core.Tests.Halls;

public sealed class HallDocumentTests
{
    /// <summary>The example of HALL.md with its "…" filled.</summary>
    private const string Example = """
        {
          "hall": "rudong-town", "name": {"zh": "如东县某镇为民服务中心", "en": "Rudong town service centre"}, "kind": "full", "level": 5,
          "region": [{"zh": "江苏省", "en": "Jiangsu"}, {"zh": "南通市", "en": "Nantong"}, {"zh": "如东县", "en": "Rudong"}],
          "address": "人民路1号", "phone": "12345", "location": [121.18, 32.33], "slogan": {"zh": "方便快捷 热情周到", "en": "Quick and warm"}, "remoteIssue": false,
          "departments": [{"department": "civil-affairs", "name": {"zh": "民政", "en": "Civil affairs"}}],
          "classes": [{"class": "normal", "grantedBy": ["self"]},
                      {"class": "elderly", "name": {"zh": "老年人", "en": "Elderly"}, "creditMinutes": 15, "grantedBy": ["idCard", "guide"], "ageFrom": 60, "minCalls": 3, "minGapSeconds": 30},
                      {"class": "green", "creditMinutes": 1440, "grantedBy": ["guide", "manager"]}],
          "fairness": {"maxOvertakes": 10, "maxPriorityRun": 2},
          "calling": {"minCalls": 2, "minGapSeconds": 20, "returnMinutes": 30, "rejoinAfterCalls": 3, "maxHeld": 3, "heldMinutes": 20, "autoStartSeconds": 45, "standInAfterMinutes": 10, "requireOutcome": false},
          "admission": "warn", "maxWaiting": 2000,
          "zones": [{"zone": "main", "name": {"zh": "一号区", "en": "Zone 1"}, "viewingMetres": 10}],
          "lines": [{"line": "livelihood", "prefix": "A", "name": {"zh": "民生综合", "en": "Livelihood"}, "weight": 1.0, "targetMinutes": 15, "quotas": [{"from": "09:00", "to": "12:00", "max": 120}]}, {"line": "utilities", "prefix": "B", "name": {"zh": "市政公共服务", "en": "Utilities"}}],
          "services": [{"service": "subsistence-allowance", "code": "320623-011-001", "name": {"zh": "最低生活保障申请", "en": "Subsistence allowance"}, "alias": ["低保", "db"], "department": "civil-affairs", "line": "livelihood",
                        "kind": "promised", "statutoryDays": 30, "promisedDays": 20, "expectedMinutes": 12, "fee": {"zh": "不收费", "en": "Free"},
                        "materials": [{"zh": "身份证", "en": "ID card"}], "identity": "optional", "appointments": {"slotMinutes": 30, "capacity": 4, "daysAhead": 5, "earlyMinutes": 30, "lateMinutes": 15}}],
          "windows": [{"window": "1", "kind": "comprehensive", "zone": "main", "low": false, "name": {"zh": "民生综合窗口", "en": "Livelihood"},
                       "profile": [{"line": "livelihood", "afterMinutes": 0}, {"line": "utilities", "afterMinutes": 10, "onlyAfterWaitMinutes": 0}]}],
          "staff": [{"staff": "w01", "name": "窗口人员01", "number": "001", "department": "civil-affairs", "photo": null, "lines": ["livelihood", "utilities"]}],
          "alerts": {"wait": {"yellow": 15, "orange": 30, "red": 45}},
          "notices": [{"zh": "今日照常", "en": "Open as usual", "zone": "main", "from": "2026-11-01", "to": "2026-12-31"}],
          "calendar": {"timeZone": "Asia/Shanghai", "holidays": "CN", "sessions": [], "roster": [], "exceptions": [], "absences": []}
        }
        """;

    /// <summary>Put in place of parts of the example, so that every field of HALL.md and CALENDAR.md is there once.</summary>
    private static readonly (string Where, string Json)[] Rest =
    [
        ("services", """
            [{"service": "subsistence-allowance", "name": {"zh": "低保"}, "line": "livelihood", "kind": "promised", "statutoryDays": 30, "promisedDays": 20, "fee": {"zh": "不收费"},
              "materials": [{"zh": "身份证"}], "appointments": {"slotMinutes": 30, "capacity": 4}},
             {"service": "water", "name": {"zh": "用水"}, "line": "utilities", "kind": "immediate"},
             {"service": "home", "name": {"zh": "过户"}, "line": "utilities", "kind": "joint", "legs": [{"service": "subsistence-allowance"}, {"service": "water", "after": ["subsistence-allowance"]}]}]
            """),
        ("windows", """
            [{"window": "1", "kind": "comprehensive", "zone": "main", "low": false, "name": {"zh": "民生"}, "profile": [{"line": "livelihood"}, {"line": "utilities", "afterMinutes": 10}]},
             {"window": "2", "kind": "guide", "profile": []}]
            """),
        ("staff", """[{"staff": "w01", "name": {"zh": "窗口人员01", "en": "Clerk 01"}, "lines": ["livelihood"], "services": ["water"]}, {"staff": "w02", "name": "窗口人员02"}]"""),
        ("calendar", """
            {"timeZone": "Asia/Shanghai", "holidays": [{"date": "2026-10-01", "isOffDay": true, "name": "国庆节"}],
             "sessions": [
               {"kind": "regular", "days": ["workday", "2026-11-21"], "season": {"from": "10-01", "to": "05-31"}, "from": "09:00", "to": "12:00", "issueFrom": "08:30", "issueUntil": "11:50"},
               {"kind": "lunch", "days": ["workday"], "from": "12:00", "to": "13:30", "offered": "covered", "rotate": {"groups": [["1"], ["2"]], "by": "day"}},
               {"kind": "extended", "days": ["friday"], "from": "17:00", "to": "26:00", "untilServed": true},
               {"kind": "weekend", "days": ["saturday"], "from": "09:00", "to": "12:00", "windows": ["1"], "services": ["water", "livelihood"], "appointmentOnly": true}],
             "exceptions": [
               {"date": "2026-12-31", "sessions": [{"kind": "regular", "from": "09:00", "to": "12:00"}]},
               {"date": "2027-01-04", "closed": true, "reason": "move"},
               {"date": "2026-12-31", "windows": ["2"], "closed": true, "from": "09:00", "to": "10:00", "reason": {"zh": "升级", "en": "Upgrade"}}],
             "roster": [{"window": "1", "a": "w01", "b": "w02"}, {"window": "2", "a": "w02", "from": "2026-11-01", "to": "2026-12-31", "days": ["monday"], "times": ["09:00", "12:00"]}],
             "absences": [{"staff": "w01", "from": "2026-11-23T09:00", "to": "2026-11-23T12:00", "kind": "leave"}]}
            """),
    ];

    private static HallDocumentReading Read(string json, TextPool? pool = null) => HallDocument.Read(Encoding.UTF8.GetBytes(json), pool);

    private static JsonNode Full()
    {
        var document = JsonNode.Parse(Example)!;
        foreach (var (where, json) in Rest)
            document[where] = JsonNode.Parse(json);
        return document;
    }

    /// <summary>The full document with one place changed; no JSON takes the field away.</summary>
    private static string With(string where, string? json)
    {
        var document = Full();
        var steps = where.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries);
        var node = steps.SkipLast(1).Aggregate(document, (n, step) => step[0] == '[' ? n[int.Parse(step[1..^1], null)]! : n[step]!);
        var value = json is null ? null : JsonNode.Parse(json);
        if (steps[^1][0] != '[')
        {
            node.AsObject().Remove(steps[^1]);
            if (json is not null)
                node[steps[^1]] = value;
        }
        else if (int.Parse(steps[^1][1..^1], null) is var i && i < node.AsArray().Count)
            node[i] = value;
        else
            node.AsArray().Add(value);
        return document.ToJsonString();
    }

    [Fact]
    public void Read_OfTheExampleOfTheFormat_HasNoProblem()
    {
        var reading = Read(Example);

        Assert.Empty(reading.Problems);
        Assert.Empty(reading.Warnings);
        var hall = reading.Settings!;
        Assert.Equal("rudong-town", hall.Hall.Value);
        Assert.Equal(new Text("如东县某镇为民服务中心", "Rudong town service centre"), hall.Name);
        Assert.Equal((121.18, 32.33), hall.Location);
        Assert.Equal(["normal", "elderly", "green"], hall.Classes.Select(c => c.Class.Value));
        Assert.Equal(Grants.IdCard | Grants.Guide, hall.ClassById[new("elderly")].GrantedBy);
        Assert.Equal(new Text("绿色通道", "Green channel"), hall.ClassById[new("green")].Name);
        Assert.Equal(new QuotaSettings(new(9, 0), new(12, 0), 120), hall.Lines[0].Quotas[0]);
        var service = hall.ServiceById[new("subsistence-allowance")];
        Assert.Equal((ServiceKind.Promised, 30, 20, 12.0, Identity.Optional), (service.Kind, service.StatutoryDays!.Value, service.PromisedDays!.Value, service.ExpectedMinutes!.Value, service.Identity));
        Assert.Equal(new AppointmentSettings(30, 4, 5, 30, 15), service.Appointments);
        Assert.Equal([new ProfileLine(new("livelihood"), 0, 0), new ProfileLine(new("utilities"), 10, 0)], hall.Windows[0].Profile);
        Assert.Equal((new Text("窗口人员01", null), "001", null as string), (hall.Staff[0].Name, hall.Staff[0].Number, hall.Staff[0].Photo));
        Assert.Equal(new NoticeSettings(new("今日照常", "Open as usual"), new ZoneId("main"), new(2026, 11, 1), new(2026, 12, 31)), hall.Notices[0]);
        Assert.Equal("Asia/Shanghai", hall.Calendar.Zone.Id);
    }

    [Fact]
    public void Read_OfTheFullDocument_HasNoProblemAndKeepsItsRoster()
    {
        var reading = Read(Full().ToJsonString());

        Assert.Empty(reading.Problems);
        Assert.Equal([("1", "w01", "w02", null), ("2", "w02", null, new DateOnly(2026, 11, 1))], reading.Settings!.Calendar.Roster.Select(r => (r.Window.Value, r.A?.Value, r.B?.Value, r.From)));
        Assert.Equal([new ServiceId("subsistence-allowance")], reading.Settings.ServiceById[new("home")].Legs[1].After);
        Assert.True(reading.Settings.StaffById[new("w01")].CanDo(new("utilities"), new("water")));
        Assert.False(reading.Settings.StaffById[new("w01")].CanDo(new("utilities"), new("home")));
    }

    [Fact]
    public void Read_OfTheLeastDocument_FillsInTheDefaults()
    {
        var hall = Read("""{"hall": "h", "name": {"zh": "厅"}, "lines": [], "services": [], "windows": [], "calendar": {"sessions": "always"}}""").Settings!;

        Assert.Equal((HallKind.Full, Admission.Warn, 2000, false, null as int?), (hall.Kind, hall.Admission, hall.MaxWaiting, hall.RemoteIssue, hall.Level));
        Assert.Equal((new FairnessSettings(10, 2), new CallingSettings()), (hall.Fairness, hall.Calling));
        Assert.Equal(new ClassSettings(ClassId.Normal, new("普通", "Normal"), 100, 0, Grants.Self, null, null, null, false), Assert.Single(hall.Classes));
        Assert.Equal("Asia/Shanghai", hall.Calendar.Zone.Id);
    }

    [Theory]
    [InlineData("normal", null, Grants.Self)]
    [InlineData("veteran", null, Grants.Guide | Grants.Manager)]
    [InlineData("returning", "[\"slip\", \"appointment\"]", Grants.Slip | Grants.Appointment)]
    public void GrantedBy_LeftOut_IsTheClassesOwn(string name, string? granted, Grants expected) =>
        Assert.Equal(expected, Read(With("classes", $"[{{\"class\": \"{name}\"{(granted is null ? "" : $", \"grantedBy\": {granted}")}}}]")).Settings!.ClassById[new(name)].GrantedBy);

    [Theory]
    [InlineData("0.01", 1)]
    [InlineData("1.50", 150)]
    [InlineData("100", 10000)]
    public void Weight_IsReadInHundredths(string json, int expected) =>
        Assert.Equal(expected, Read(With("lines[0].weight", json)).Settings!.Lines[0].WeightHundredths);

    // The place changed (with null: taken away), what is put there, the path of the one problem, a part of its message.
    [Theory]
    [InlineData("hall", null, "hall", "missing")]
    [InlineData("hall", "\"Rudong\"", "hall", "a-z, 0-9 and -, was \"Rudong\"")]
    [InlineData("hall", "\"\"", "hall", "an id")]
    [InlineData("hall", "7", "hall", "was 7")]
    [InlineData("name", null, "name", "missing")]
    [InlineData("name", "\"厅\"", "name", "zh, en")]
    [InlineData("name.zh", "\" \"", "name.zh", "1 to 200")]
    [InlineData("name.en", "\"\"", "name.en", "1 to 200")]
    [InlineData("name.fr", "\"salle\"", "name.fr", "not known here; allowed are zh, en")]
    [InlineData("kind", "\"big\"", "kind", "one of full, small, was \"big\"")]
    [InlineData("level", "0", "level", "1 to 6")]
    [InlineData("region", "{}", "region", "a list")]
    [InlineData("region[1].zh", null, "region[1].zh", "missing")]
    [InlineData("address", "[]", "address", "a text")]
    [InlineData("phone", "12345", "phone", "a text")]
    [InlineData("location", "[181, 0]", "location", "longitude")]
    [InlineData("location", "[1]", "location", "longitude")]
    [InlineData("slogan", "true", "slogan", "an object")]
    [InlineData("remoteIssue", "\"yes\"", "remoteIssue", "true or false, was \"yes\"")]
    [InlineData("colour", "1", "colour", "not known here; allowed are hall, name")]
    [InlineData("departments[0].department", null, "departments[0].department", "missing")]
    [InlineData("departments[0].name", null, "departments[0].name", "missing")]
    [InlineData("departments[1]", """{"department": "civil-affairs", "name": {"zh": "民政"}}""", "departments[1].department", "unique")]
    [InlineData("classes", "7", "classes", "a list")]
    [InlineData("classes[1].class", "\"normal\"", "classes[1].class", "unique")]
    [InlineData("classes[2].class", "\"guests\"", "classes[2].name", "missing")]
    [InlineData("classes[0].grantedBy", "[\"guide\"]", "classes[0].grantedBy", "self")]
    [InlineData("classes[1].grantedBy", "[\"idCard\", \"boss\"]", "classes[1].grantedBy[1]", "self, idCard, guide, manager, appointment, slip, was \"boss\"")]
    [InlineData("classes[1].grantedBy", "[\"guide\", \"guide\"]", "classes[1].grantedBy[1]", "once")]
    [InlineData("classes[1].weight", "0", "classes[1].weight", "0.01 to 100")]
    [InlineData("classes[1].weight", "1.234", "classes[1].weight", "two decimals, was 1.234")]
    [InlineData("classes[1].weight", "100.01", "classes[1].weight", "0.01 to 100")]
    [InlineData("classes[1].creditMinutes", "-1", "classes[1].creditMinutes", "0 to 1000000")]
    [InlineData("classes[1].ageFrom", "0", "classes[1].ageFrom", "1 to 120")]
    [InlineData("classes[1].minCalls", "0", "classes[1].minCalls", "1 to 10")]
    [InlineData("classes[1].minGapSeconds", "601", "classes[1].minGapSeconds", "0 to 600")]
    [InlineData("fairness", "[]", "fairness", "maxOvertakes, maxPriorityRun")]
    [InlineData("fairness.maxOvertakes", "-1", "fairness.maxOvertakes", "0 to 1000")]
    [InlineData("fairness.maxPriorityRun", "1.5", "fairness.maxPriorityRun", "whole number")]
    [InlineData("fairness.max", "1", "fairness.max", "allowed are maxOvertakes, maxPriorityRun")]
    [InlineData("calling.minCalls", "11", "calling.minCalls", "1 to 10")]
    [InlineData("calling.minGapSeconds", "-1", "calling.minGapSeconds", "0 to 600")]
    [InlineData("calling.returnMinutes", "1441", "calling.returnMinutes", "0 to 1440")]
    [InlineData("calling.rejoinAfterCalls", "1e9", "calling.rejoinAfterCalls", "0 to 100")]
    [InlineData("calling.maxHeld", "-1", "calling.maxHeld", "0 to 100")]
    [InlineData("calling.heldMinutes", "0", "calling.heldMinutes", "1 to 1440")]
    [InlineData("calling.autoStartSeconds", "0", "calling.autoStartSeconds", "1 to 3600")]
    [InlineData("calling.standInAfterMinutes", "-1", "calling.standInAfterMinutes", "0 to 1440")]
    [InlineData("calling.requireOutcome", "1", "calling.requireOutcome", "true or false")]
    [InlineData("calling.loud", "true", "calling.loud", "not known")]
    [InlineData("admission", "\"maybe\"", "admission", "warn, strict, off")]
    [InlineData("maxWaiting", "0", "maxWaiting", "1 to 100000")]
    [InlineData("zones[0].zone", "\"Main!\"", "zones[0].zone", "an id")]
    [InlineData("zones[0].viewingMetres", "0", "zones[0].viewingMetres", "above 0")]
    [InlineData("lines", null, "lines", "missing")]
    [InlineData("lines[2]", "\"x\"", "lines[2]", "an object")]
    [InlineData("lines[1].line", "\"livelihood\"", "lines[1].line", "unique")]
    [InlineData("lines[1].prefix", null, "lines[1].prefix", "one to three capital letters; it is missing")]
    [InlineData("lines[1].prefix", "\"A\"", "lines[1].prefix", "unique")]
    [InlineData("lines[1].prefix", "\"b\"", "lines[1].prefix", "capital letters, was \"b\"")]
    [InlineData("lines[1].prefix", "\"ABCD\"", "lines[1].prefix", "capital letters")]
    [InlineData("lines[1].prefix", "\"甲\"", "lines[1].prefix", "capital letters")]
    [InlineData("lines[0].name", null, "lines[0].name", "missing")]
    [InlineData("lines[0].weight", "\"1\"", "lines[0].weight", "was \"1\"")]
    [InlineData("lines[0].weight", "1e400", "lines[0].weight", "0.01 to 100")]
    [InlineData("lines[0].targetMinutes", "0", "lines[0].targetMinutes", "1 to 1440")]
    [InlineData("lines[0].zone", "\"main\"", "lines[0].zone", "allowed are line, prefix")]
    [InlineData("lines[0].quotas[0].from", "\"9:00\"", "lines[0].quotas[0].from", "00:00 to 23:59, was \"9:00\"")]
    [InlineData("lines[0].quotas[0].to", "\"24:00\"", "lines[0].quotas[0].to", "00:00 to 23:59")]
    [InlineData("lines[0].quotas[0].to", "\"09:00\"", "lines[0].quotas[0].to", "later than from")]
    [InlineData("lines[0].quotas[0].max", null, "lines[0].quotas[0].max", "missing")]
    [InlineData("services", null, "services", "missing")]
    [InlineData("services[1].service", "\"home\"", "services[2].service", "unique")]
    [InlineData("services[0].name", null, "services[0].name", "missing")]
    [InlineData("services[0].line", null, "services[0].line", "livelihood, utilities); it is missing")]
    [InlineData("services[0].line", "\"x\"", "services[0].line", "a line of the hall (livelihood, utilities), was \"x\"")]
    [InlineData("services[0].kind", null, "services[0].kind", "immediate, promised, joint; it is missing")]
    [InlineData("services[1].kind", "\"fast\"", "services[1].kind", "immediate, promised, joint")]
    [InlineData("services[0].code", "7", "services[0].code", "1 to 64")]
    [InlineData("services[0].alias", "[\"a\", 1]", "services[0].alias[1]", "a text")]
    [InlineData("services[0].department", "\"x\"", "services[0].department", "civil-affairs")]
    [InlineData("services[0].statutoryDays", "-1", "services[0].statutoryDays", "0 to 3650")]
    [InlineData("services[0].promisedDays", "3651", "services[0].promisedDays", "0 to 3650")]
    [InlineData("services[1].promisedDays", "3", "services[1].promisedDays", "only promised and joint")]
    [InlineData("services[0].expectedMinutes", "0", "services[0].expectedMinutes", "above 0")]
    [InlineData("services[0].fee", "\"free\"", "services[0].fee", "an object")]
    [InlineData("services[0].materials[0].zh", "null", "services[0].materials[0].zh", "missing")]
    [InlineData("services[0].identity", "\"must\"", "services[0].identity", "none, optional, required")]
    [InlineData("services[0].appointments.slotMinutes", "4", "services[0].appointments.slotMinutes", "5 to 480")]
    [InlineData("services[0].appointments.capacity", null, "services[0].appointments.capacity", "missing")]
    [InlineData("services[0].appointments.daysAhead", "366", "services[0].appointments.daysAhead", "0 to 365")]
    [InlineData("services[0].appointments.earlyMinutes", "-1", "services[0].appointments.earlyMinutes", "0 to 1440")]
    [InlineData("services[0].appointments.lateMinutes", "-1", "services[0].appointments.lateMinutes", "0 to 1440")]
    [InlineData("services[0].appointments.share", "0.4", "services[0].appointments.share", "not known")]
    [InlineData("services[1].legs", "[]", "services[1].legs", "only a joint service")]
    [InlineData("services[2].legs", null, "services[2].legs", "missing")]
    [InlineData("services[2].legs", "[]", "services[2].legs", "at least one")]
    [InlineData("services[2].legs[0].service", "\"fire\"", "services[2].legs[0].service", "a service of the hall")]
    [InlineData("services[2].legs[2]", """{"service": "home"}""", "services[2].legs[2].service", "another service")]
    [InlineData("services[2].legs[2]", """{"service": "water"}""", "services[2].legs[2].service", "one leg of it only")]
    [InlineData("services[2].legs[1].after", "[\"water\"]", "services[2].legs[1].after[0]", "another leg of it (subsistence-allowance)")]
    [InlineData("services[2].legs[0].after", "[\"water\"]", "services[2].legs", "in a circle")]
    [InlineData("services[3]", """{"service": "twice", "name": {"zh": "二"}, "line": "utilities", "kind": "joint", "legs": [{"service": "home"}]}""", "services[3].legs[0].service", "not joint itself")]
    [InlineData("windows", null, "windows", "missing")]
    [InlineData("windows[1].window", "\"1\"", "windows[1].window", "unique")]
    [InlineData("windows[1].kind", null, "windows[1].kind", "comprehensive, specialised, allRound, guide, agency, pickUp; it is missing")]
    [InlineData("windows[1].profile", null, "windows[1].profile", "missing")]
    [InlineData("windows[0].zone", "\"x\"", "windows[0].zone", "a zone of the hall (main), was \"x\"")]
    [InlineData("windows[0].low", "0", "windows[0].low", "true or false")]
    [InlineData("windows[0].name.en", "7", "windows[0].name.en", "a text")]
    [InlineData("windows[0].profile[0].line", "\"x\"", "windows[0].profile[0].line", "must be a line of the hall (livelihood, utilities), was \"x\"")]
    [InlineData("windows[0].profile[1].line", "\"livelihood\"", "windows[0].profile[1].line", "named once")]
    [InlineData("windows[0].profile[1].afterMinutes", "-1", "windows[0].profile[1].afterMinutes", "0 to 1440")]
    [InlineData("windows[0].profile[1].onlyAfterWaitMinutes", "1441", "windows[0].profile[1].onlyAfterWaitMinutes", "0 to 1440")]
    [InlineData("windows[0].profile[1].after", "1", "windows[0].profile[1].after", "line, afterMinutes, onlyAfterWaitMinutes")]
    [InlineData("staff[0].name", null, "staff[0].name", "missing")]
    [InlineData("staff[1].name", "\"\"", "staff[1].name", "1 to 200")]
    [InlineData("staff[2]", """{"staff": "w01", "name": "甲"}""", "staff[2].staff", "unique")]
    [InlineData("staff[0].number", "1", "staff[0].number", "a text")]
    [InlineData("staff[0].department", "\"x\"", "staff[0].department", "a department of the hall")]
    [InlineData("staff[0].photo", "\"../x.jpg\"", "staff[0].photo", "without a folder")]
    [InlineData("staff[0].lines", "[\"livelihood\", \"x\"]", "staff[0].lines[1]", "a line of the hall")]
    [InlineData("staff[0].services", "\"water\"", "staff[0].services", "a list")]
    [InlineData("staff[0].role", "\"clerk\"", "staff[0].role", "not known")]
    [InlineData("alerts", "[]", "alerts", "an object")]
    [InlineData("alerts.wait-long", "{}", "alerts.wait-long", "letters")]
    [InlineData("alerts.wait", "{}", "alerts.wait.yellow", "must be given")]
    [InlineData("alerts.wait.yellow", "0", "alerts.wait.yellow", "above 0")]
    [InlineData("alerts.wait.orange", "14", "alerts.wait.orange", "not be less")]
    [InlineData("alerts.wait.black", "99", "alerts.wait.black", "yellow, orange, red")]
    [InlineData("notices[0].zh", null, "notices[0].zh", "missing")]
    [InlineData("notices[0].zone", "\"x\"", "notices[0].zone", "a zone")]
    [InlineData("notices[0].from", "\"2026-02-30\"", "notices[0].from", "a date like 2026-11-21, was \"2026-02-30\"")]
    [InlineData("notices[0].to", "\"2026-10-31\"", "notices[0].to", "before from")]
    [InlineData("calendar", null, "calendar", "missing")]
    [InlineData("calendar", "null", "calendar", "missing")]
    [InlineData("calendar", "\"always\"", "calendar", "an object")]
    [InlineData("calendar.timeZone", "\"Asia/Rudong\"", "calendar.timeZone", "Asia/Shanghai, was \"Asia/Rudong\"")]
    [InlineData("calendar.timeZone", "\"../../etc/passwd\"", "calendar.timeZone", "time zone")]
    [InlineData("calendar.windows", "[]", "calendar.windows", "taken from the hall")]
    [InlineData("calendar.services", "{}", "calendar.services", "taken from the hall")]
    [InlineData("calendar.staff", "[]", "calendar.staff", "taken from the hall")]
    [InlineData("calendar.seasons", "{}", "calendar.seasons", "not known")]
    [InlineData("calendar.holidays", "\"UK\"", "calendar.holidays", "\"CN\", \"none\"")]
    [InlineData("calendar.holidays[0].date", "\"1 October\"", "calendar.holidays[0].date", "a date")]
    [InlineData("calendar.holidays[0].isOffDay", null, "calendar.holidays[0].isOffDay", "missing")]
    [InlineData("calendar.sessions", "\"never\"", "calendar.sessions", "\"always\" or a list")]
    [InlineData("calendar.sessions[0].kind", "\"night\"", "calendar.sessions[0].kind", "regular, lunch, weekend, extended")]
    [InlineData("calendar.sessions[0].days", null, "calendar.sessions[0].days", "missing")]
    [InlineData("calendar.sessions[0].days", "[]", "calendar.sessions[0].days", "at least one")]
    [InlineData("calendar.sessions[0].days", "[\"workday\", \"payday\"]", "calendar.sessions[0].days[1]", "was \"payday\"")]
    [InlineData("calendar.sessions[0].season.from", "\"13-01\"", "calendar.sessions[0].season.from", "05-01")]
    [InlineData("calendar.sessions[0].season.to", null, "calendar.sessions[0].season.to", "missing")]
    [InlineData("calendar.sessions[0].from", null, "calendar.sessions[0].from", "00:00 to 30:00; it is missing")]
    [InlineData("calendar.sessions[0].to", "\"30:01\"", "calendar.sessions[0].to", "00:00 to 30:00")]
    [InlineData("calendar.sessions[0].to", "\"09:60\"", "calendar.sessions[0].to", "00:00 to 30:00")]
    [InlineData("calendar.sessions[0].to", "\"09:00\"", "calendar.sessions[0].to", "later than from")]
    [InlineData("calendar.sessions[0].issueFrom", "\"early\"", "calendar.sessions[0].issueFrom", "a time")]
    [InlineData("calendar.sessions[0].issueUntil", "\"08:00\"", "calendar.sessions[0].issueUntil", "before issueFrom")]
    [InlineData("calendar.sessions[0].lastCallMinutes", "5", "calendar.sessions[0].lastCallMinutes", "not known")]
    [InlineData("calendar.sessions[1].offered", "\"some\"", "calendar.sessions[1].offered", "all, covered")]
    [InlineData("calendar.sessions[1].rotate.by", "\"month\"", "calendar.sessions[1].rotate.by", "day, week")]
    [InlineData("calendar.sessions[1].rotate.groups", "[]", "calendar.sessions[1].rotate.groups", "at least one")]
    [InlineData("calendar.sessions[1].rotate.groups[1]", "[\"3\"]", "calendar.sessions[1].rotate.groups[1][0]", "a window of the hall (1, 2), was \"3\"")]
    [InlineData("calendar.sessions[1].rotate.groups[1]", "\"2\"", "calendar.sessions[1].rotate.groups[1]", "a list of windows")]
    [InlineData("calendar.sessions[2].untilServed", "\"yes\"", "calendar.sessions[2].untilServed", "true or false")]
    [InlineData("calendar.sessions[3].windows", "[\"1\", \"9\"]", "calendar.sessions[3].windows[1]", "a window of the hall")]
    [InlineData("calendar.sessions[3].services", "[\"fire\"]", "calendar.sessions[3].services[0]", "or a line")]
    [InlineData("calendar.sessions[3].appointmentOnly", "1", "calendar.sessions[3].appointmentOnly", "true or false")]
    [InlineData("calendar.exceptions[0].date", null, "calendar.exceptions[0].date", "missing")]
    [InlineData("calendar.exceptions[0].sessions[0].from", "\"x\"", "calendar.exceptions[0].sessions[0].from", "a time")]
    [InlineData("calendar.exceptions[0].sessions[0].days", "[\"monday\"]", "calendar.exceptions[0].sessions[0].days", "not known")]
    [InlineData("calendar.exceptions[0].sessions", "\"always\"", "calendar.exceptions[0].sessions", "a list of sessions")]
    [InlineData("calendar.exceptions[0].closed", "true", "calendar.exceptions[0].closed", "not both")]
    [InlineData("calendar.exceptions[0].windows", "[\"1\"]", "calendar.exceptions[0].windows", "closed: true")]
    [InlineData("calendar.exceptions[1].closed", null, "calendar.exceptions[1].closed", "or sessions given")]
    [InlineData("calendar.exceptions[1].closed", "1", "calendar.exceptions[1].closed", "true or false")]
    [InlineData("calendar.exceptions[1].date", "\"2026-12-31\"", "calendar.exceptions[1].date", "one exception")]
    [InlineData("calendar.exceptions[1].from", "\"09:00\"", "calendar.exceptions[1].from", "with windows")]
    [InlineData("calendar.exceptions[1].reason", "7", "calendar.exceptions[1].reason", "an object")]
    [InlineData("calendar.exceptions[2].to", "\"08:00\"", "calendar.exceptions[2].to", "later than from")]
    [InlineData("calendar.exceptions[2].windows", "[\"9\"]", "calendar.exceptions[2].windows[0]", "a window")]
    [InlineData("calendar.roster[0].window", "\"9\"", "calendar.roster[0].window", "a window of the hall (1, 2), was \"9\"")]
    [InlineData("calendar.roster[0].a", "\"w09\"", "calendar.roster[0].a", "a member of staff of the hall (w01, w02)")]
    [InlineData("calendar.roster[0].b", "\"w01\"", "calendar.roster[0].b", "another person")]
    [InlineData("calendar.roster[0].cover", "\"move\"", "calendar.roster[0].cover", "not known")]
    [InlineData("calendar.roster[1].a", null, "calendar.roster[1].a", "missing")]
    [InlineData("calendar.roster[1].to", "\"2026-10-01\"", "calendar.roster[1].to", "before from")]
    [InlineData("calendar.roster[1].days", "[\"Monday\"]", "calendar.roster[1].days[0]", "monday")]
    [InlineData("calendar.roster[1].times", "[\"09:00\"]", "calendar.roster[1].times", "two times")]
    [InlineData("calendar.roster[1].times", "[\"09:00\", \"09:00\"]", "calendar.roster[1].times", "the second later")]
    [InlineData("calendar.absences[0].staff", "\"w09\"", "calendar.absences[0].staff", "a member of staff")]
    [InlineData("calendar.absences[0].from", "\"2026-11-23\"", "calendar.absences[0].from", "2026-11-23T09:00")]
    [InlineData("calendar.absences[0].to", "\"2026-11-23T09:00\"", "calendar.absences[0].to", "later than from")]
    [InlineData("calendar.absences[0].kind", "\"gone fishing\"", "calendar.absences[0].kind", "letters")]
    public void Read_WithOneWrongField_NamesItsPathAndWhatIsAllowed(string where, string? json, string path, string message)
    {
        var reading = Read(With(where, json));

        Assert.Null(reading.Settings);
        Assert.Empty(reading.Warnings);
        // Taking an id away also breaks what refers to it; the place itself is named in any case.
        var problem = Assert.Single(reading.Problems, p => p.Path == path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WithOneWrongReference_HasThatProblemAlone()
    {
        var problem = Assert.Single(Read(With("windows[0].profile[0].line", "\"x\"")).Problems);

        Assert.Equal("windows[0].profile[0].line: must be a line of the hall (livelihood, utilities), was \"x\"", problem.ToString());
    }

    [Theory]
    [InlineData("""{"hall": "h", "hall": "i", "name": {"zh": "厅", "zh": "堂"}, "lines": [], "services": [], "windows": [], "calendar": {}}""", "hall,name.zh")]
    [InlineData("""{"hall": "h", "\u0068all": "i", "name": {"zh": "厅"}, "lines": [], "services": [], "windows": [], "calendar": {}}""", "hall")]
    [InlineData("""{"hall": "h", "name": {"zh": "厅"}, "lines": [], "services": [], "windows": [], "calendar": {}, "alerts": {"a": {"red": 1}, "a": {"red": 1}}}""", "alerts.a")]
    public void Read_OfARepeatedField_IsRefused(string json, string paths)
    {
        var reading = Read(json);

        Assert.Equal(paths.Split(','), reading.Problems.Select(p => p.Path));
        Assert.All(reading.Problems, p => Assert.Contains("repeated", p.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "line 1, column 1")]
    [InlineData("no", "line 1")]
    [InlineData("{\n  \"hall\": \"h\",\n}", "line 3, column 1")]
    [InlineData("{} {}", "line 1, column 4")]
    [InlineData("// a hall\n{}", "line 1, column 1")]
    [InlineData("[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", "depth of 16")]
    [InlineData("\uFEFF{}", "byte order mark")]
    [InlineData("{\"hall\":\n \"\\ud800\"}", "line 2")]
    [InlineData("[]", "an object with hall, name")]
    [InlineData("null", "was null")]
    [InlineData("\"hall\"", "was \"hall\"")]
    public void Read_OfWhatIsNoHallDocument_HasOneClearProblem(string text, string message)
    {
        var problem = Assert.Single(Read(text).Problems);

        Assert.Equal("", problem.Path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OfBytesThatAreNoUtf8_HasOneClearProblem() =>
        Assert.Contains("UTF-8", Assert.Single(HallDocument.Read([.. "{\"hall\": \""u8, 0xB3, 0xC7, .. "\"}"u8]).Problems).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_OfMoreThan4MiB_HasOneClearProblem() =>
        Assert.Contains("4194304 bytes", Assert.Single(HallDocument.Read(new byte[HallDocument.MaxBytes + 1]).Problems).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_OfManyFaults_ReportsTheFirstTwenty()
    {
        var lines = string.Join(',', Enumerable.Range(0, 4000).Select(i => $"{{\"x{i}\": 1}}"));

        Assert.Equal(20, Read($"{{\"lines\": [{lines}]}}").Problems.Count);
    }

    [Fact]
    public void Read_OfMoreItemsThanBounded_SaysHowManyAreAllowed()
    {
        var reading = Read(With("notices", $"[{string.Join(',', Enumerable.Repeat("{\"zh\":\"好\"}", 5001))}]"));

        Assert.Equal(new DocumentProblem("notices", "must be a list of at most 5000, had 5001"), Assert.Single(reading.Problems));
    }

    [Theory]
    [InlineData("services[0].promisedDays", "21", "services[0].promisedDays: 21 is more than two thirds of the 30 statutory days")]
    [InlineData("classes[1].ageFrom", null, "classes[1].ageFrom: nobody is of this class by ID card until an age is given")]
    [InlineData("windows[0].profile", "[{\"line\": \"livelihood\"}]", "services[1].line: no window serves the line utilities")]
    public void Read_OfWhatIsAllowedButOdd_Warns(string where, string? json, string warning)
    {
        var reading = Read(With(where, json));

        Assert.NotNull(reading.Settings);
        Assert.Contains(warning, reading.Warnings);
    }

    [Fact]
    public void Read_WithOnePool_SharesTextsOfTwoHalls()
    {
        var pool = new TextPool();
        var one = Read(Example, pool).Settings!;
        var two = Read(Example, pool).Settings!;

        Assert.Same(one.Services[0].Name, two.Services[0].Name);
        Assert.Same(one.Services[0].Materials[0], two.Services[0].Materials[0]);
        Assert.Same(one.Services[0].Service.Value, two.Services[0].Service.Value);
        Assert.Same(one.Services[0].Code, two.Services[0].Code);
        Assert.Same(one.Services[0].Line.Value, one.Lines[0].Line.Value);
    }

    [Fact]
    public void Minify_KeepsOrderNumbersAndTextsAndUnescapesThem()
    {
        var small = HallDocument.Minify(Encoding.UTF8.GetBytes("""{ "b" : [ 1.50, 1e2, true, null, { }, [ ] ], "\u0061" : "\u4e2d\ud842\udfb7 \"\\\u0001\n<é" }"""));

        Assert.Equal("""{"b":[1.50,1e2,true,null,{},[]],"a":"中𠮷 \"\\\u0001\n<é"}""", Encoding.UTF8.GetString(small));
    }

    [Fact]
    public void Minify_OfTheFullDocument_KeepsTheSettings()
    {
        var bytes = Encoding.UTF8.GetBytes(Full().ToJsonString(new JsonSerializerOptions { WriteIndented = true }));

        Assert.Equal(SettingsText.Of(HallDocument.Read(bytes).Settings!), SettingsText.Of(HallDocument.Read(HallDocument.Minify(bytes)).Settings!));
    }

    [Fact]
    public void Minify_OfWhatIsNoJson_Throws() => Assert.Throws<JsonException>(() => HallDocument.Minify("{,}"u8));
}
