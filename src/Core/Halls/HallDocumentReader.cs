using System.Collections.Frozen;
using System.Text.Json;
using HallOps.Core.Calendars;

namespace HallOps.Core.Halls;

/// <summary>One reading of one document. Lists are read in the order in which they refer to each other.</summary>
internal sealed class HallDocumentReader(TextPool pool)
{
    private const int Day = 1440;

    private static readonly string[] HallFields =
    [
        "hall", "name", "kind", "level", "region", "address", "phone", "location", "slogan", "remoteIssue", "departments", "classes", "fairness", "calling",
        "admission", "maxWaiting", "zones", "lines", "services", "windows", "staff", "alerts", "notices", "calendar",
    ];
    private static readonly string[] TextFields = ["zh", "en"];
    private static readonly string[] DepartmentFields = ["department", "name"];
    private static readonly string[] ClassFields = ["class", "name", "weight", "creditMinutes", "grantedBy", "ageFrom", "minCalls", "minGapSeconds", "low"];
    private static readonly string[] FairnessFields = ["maxOvertakes", "maxPriorityRun"];
    private static readonly string[] CallingFields =
        ["minCalls", "minGapSeconds", "returnMinutes", "rejoinAfterCalls", "maxHeld", "heldMinutes", "autoStartSeconds", "standInAfterMinutes", "slipDays", "lowFirstMinutes", "requireOutcome"];
    private static readonly string[] ZoneFields = ["zone", "name", "viewingMetres"];
    private static readonly string[] LineFields = ["line", "prefix", "name", "weight", "targetMinutes", "quotas"];
    private static readonly string[] QuotaFields = ["from", "to", "max"];
    private static readonly string[] ServiceFields =
    [
        "service", "code", "name", "alias", "department", "line", "kind", "statutoryDays", "promisedDays", "expectedMinutes", "fee", "materials", "identity",
        "appointments", "legs",
    ];
    private static readonly string[] AppointmentFields = ["slotMinutes", "capacity", "daysAhead", "earlyMinutes", "lateMinutes"];
    private static readonly string[] LegFields = ["service", "after"];
    private static readonly string[] WindowFields = ["window", "kind", "zone", "low", "name", "profile"];
    private static readonly string[] ProfileFields = ["line", "afterMinutes", "onlyAfterWaitMinutes"];
    private static readonly string[] StaffFields = ["staff", "name", "number", "department", "photo", "lines", "services"];
    private static readonly string[] GradeFields = ["yellow", "orange", "red"];
    private static readonly string[] NoticeFields = ["zh", "en", "zone", "from", "to"];

    private static readonly (string, HallKind)[] HallKinds = [("full", HallKind.Full), ("small", HallKind.Small)];
    private static readonly (string, Admission)[] Admissions = [("warn", Admission.Warn), ("strict", Admission.Strict), ("off", Admission.Off)];
    private static readonly (string, Identity)[] Identities = [("none", Identity.None), ("optional", Identity.Optional), ("required", Identity.Required)];
    private static readonly (string, ServiceKind)[] ServiceKinds =
        [("immediate", ServiceKind.Immediate), ("promised", ServiceKind.Promised), ("joint", ServiceKind.Joint)];
    private static readonly (string, WindowKind)[] WindowKinds =
    [
        ("comprehensive", WindowKind.Comprehensive), ("specialised", WindowKind.Specialised), ("allRound", WindowKind.AllRound), ("guide", WindowKind.Guide),
        ("agency", WindowKind.Agency), ("pickUp", WindowKind.PickUp),
    ];
    private static readonly Dictionary<string, Grants> GrantWords = new(StringComparer.Ordinal)
    {
        ["self"] = Grants.Self, ["idCard"] = Grants.IdCard, ["guide"] = Grants.Guide, ["manager"] = Grants.Manager,
        ["appointment"] = Grants.Appointment, ["slip"] = Grants.Slip,
    };

    /// <summary>DOMAIN.md's classes have names of their own.</summary>
    private static readonly Dictionary<string, Text> ClassNames = new(StringComparer.Ordinal)
    {
        ["normal"] = new("普通", "Normal"),
        ["elderly"] = new("老年人", "Elderly"),
        ["disabled"] = new("残疾人", "Disabled"),
        ["pregnant"] = new("孕妇", "Pregnant"),
        ["veteran"] = new("军人", "Military and veterans"),
        ["appointment"] = new("预约", "Appointment"),
        ["returning"] = new("补正", "Back with missing papers"),
        ["green"] = new("绿色通道", "Green channel"),
    };

    private static readonly FairnessSettings DefaultFairness = new();
    private static readonly CallingSettings DefaultCalling = new();

    private readonly Findings findings = new(pool);

    public HallDocumentReading Read(JsonElement document)
    {
        var hall = new DocumentObject(document, Place.Root, findings, HallFields);
        var settings = hall.IsObject ? Hall(hall) : null;
        return findings.Problems.Count > 0
            ? new HallDocumentReading(null, findings.Problems, [])
            : new HallDocumentReading(settings, [], findings.Warnings);
    }

    private HallSettings Hall(DocumentObject hall)
    {
        var id = new HallId(hall.Id("hall"));
        var name = hall.TextOf("name", required: true);

        var departmentIds = Ids(hall, "departments", "department", "a department");
        var zoneIds = Ids(hall, "zones", "zone", "a zone");
        var lineIds = Ids(hall, "lines", "line", "a line");
        var serviceIds = Ids(hall, "services", "service", "a service");
        var windowIds = Ids(hall, "windows", "window", "a window");
        var staffIds = Ids(hall, "staff", "staff", "a member of staff");

        var departments = hall.Objects("departments", DepartmentFields).Select(Department).ToArray();
        var classes = Classes(hall);
        var zones = hall.Objects("zones", ZoneFields).Select(Zone).ToArray();
        var lines = Lines(hall);
        var services = hall.Objects("services", ServiceFields, required: true).Select(s => Service(s, departmentIds, lineIds, serviceIds)).ToArray();
        RefuseJointLegs(services);
        var windows = hall.Objects("windows", WindowFields, required: true).Select(w => Window(w, zoneIds, lineIds)).ToArray();
        var staff = Staff(hall, departmentIds, lineIds, serviceIds);
        CheckAlerts(hall);
        var notices = hall.Objects("notices", NoticeFields).Select(n => Notice(n, zoneIds)).ToArray();
        var calendar = CalendarDocument.Read(hall, findings, new(windowIds, staffIds, serviceIds, lineIds), HallOutline.Of(windows, services, staff));
        var settings = (
            Kind: hall.Choice("kind", HallKinds, HallKind.Full),
            // 1 to 6: nation, province, city, county, town, village (GB/T 39046-2020, A.2 has 3 to 6).
            Level: hall.Whole("level", 1, 6),
            Region: hall.Objects("region", TextFields, most: 10).Select(r => DocumentObject.TextFrom(r, DocumentObject.MaxNameLength)!).ToArray(),
            Address: hall.Words("address", DocumentObject.MaxNameLength),
            Phone: hall.Words("phone", 64),
            Location: Location(hall),
            Slogan: hall.TextOf("slogan", longest: DocumentObject.MaxTextLength),
            RemoteIssue: hall.Flag("remoteIssue"),
            Fairness: Fairness(hall),
            Calling: Calling(hall),
            Admission: hall.Choice("admission", Admissions, Admission.Warn),
            MaxWaiting: hall.Whole("maxWaiting", 1, 100_000) ?? 2000);

        if (findings.Problems.Count > 0)
            return null!;
        WarnOfLinesWithoutWindow(hall, services, windows);
        return new HallSettings
        {
            Hall = id,
            Name = name!,
            Kind = settings.Kind,
            Level = settings.Level,
            Region = settings.Region,
            Address = settings.Address,
            Phone = settings.Phone,
            Location = settings.Location,
            Slogan = settings.Slogan,
            RemoteIssue = settings.RemoteIssue,
            Fairness = settings.Fairness,
            Calling = settings.Calling,
            Admission = settings.Admission,
            MaxWaiting = settings.MaxWaiting,
            Departments = departments,
            Classes = classes,
            Zones = zones,
            Lines = lines,
            Services = services,
            Windows = windows,
            Staff = staff,
            Notices = notices,
            Calendar = calendar!,
            ClassById = classes.ToFrozenDictionary(c => c.Class),
            LineById = lines.ToFrozenDictionary(l => l.Line),
            ServiceById = services.ToFrozenDictionary(s => s.Service),
            WindowById = windows.ToFrozenDictionary(w => w.Window),
            StaffById = staff.ToFrozenDictionary(s => s.Staff),
        };
    }

    /// <summary>The ids of a list, before the list is read: others refer to it. Ids given twice are refused here.</summary>
    private KnownIds Ids(DocumentObject hall, string list, string field, string what)
    {
        var ids = new HashSet<string>();
        if (!hall.Get(list, out var items) || items.ValueKind is not JsonValueKind.Array)
            return new KnownIds(what, ids);
        foreach (var (item, place) in DocumentObject.ItemsOf(items, hall.Place.At(list)))
        {
            if (item.ValueKind is JsonValueKind.Object && item.TryGetProperty(field, out var id) && id.ValueKind is JsonValueKind.String && !ids.Add(id.GetString()!))
                findings.Refuse(place.At(field), "must be unique in its list" + DocumentObject.Was(id));
        }
        return new KnownIds(what, ids);
    }

    private static DepartmentSettings Department(DocumentObject d) => new(new DepartmentId(d.Id("department")), d.TextOf("name", required: true)!);

    private ClassSettings[] Classes(DocumentObject hall)
    {
        Ids(hall, "classes", "class", "a class");
        var classes = hall.Objects("classes", ClassFields, most: 50).Select(Class).ToList();
        if (!classes.Exists(c => c.Class == ClassId.Normal))
            classes.Insert(0, new ClassSettings(ClassId.Normal, findings.Pool.Share(ClassNames["normal"]), 100, 0, Grants.Self, null, null, null, false));
        return [.. classes];
    }

    private ClassSettings Class(DocumentObject c)
    {
        var id = c.Id("class");
        var own = ClassNames.GetValueOrDefault(id);
        var name = c.TextOf("name", required: own is null) ?? (own is null ? null : findings.Pool.Share(own));
        var normal = id == ClassId.Normal.Value;
        var grants = c.Strings("grantedBy", GrantWords.ContainsKey, static () => $"must be one of {DocumentObject.Among(GrantWords.Keys)}")
            ?.Aggregate(Grants.None, (all, one) => all | GrantWords[one])
            ?? (normal ? Grants.Self : Grants.Guide | Grants.Manager);
        if (normal && !grants.HasFlag(Grants.Self))
            c.Refuse("grantedBy", "must contain self: the class normal is granted by everybody");
        var age = c.Whole("ageFrom", 1, 120);
        if (grants.HasFlag(Grants.IdCard) && age is null)
            findings.Warn(c.Place.At("ageFrom"), "nobody is of this class by ID card until an age is given");
        // A million minutes is two years: strict priority, and still far from the end of a score's 64 bits.
        return new ClassSettings(new ClassId(id), name!, c.Weight("weight"), c.Whole("creditMinutes", 0, 1_000_000) ?? 0, grants, age,
            c.Whole("minCalls", 1, 10), c.Whole("minGapSeconds", 0, 600), c.Flag("low", otherwise: id == ClassId.Disabled.Value));
    }

    private static ZoneSettings Zone(DocumentObject z) => new(new ZoneId(z.Id("zone")), z.TextOf("name", required: true)!, z.Number("viewingMetres", 200));

    private static LineSettings[] Lines(DocumentObject hall)
    {
        var prefixes = new HashSet<string>();
        var lines = new List<LineSettings>();
        foreach (var l in hall.Objects("lines", LineFields, required: true))
        {
            var prefix = l.String("prefix", true, static s => s.Length is >= 1 and <= 3 && s.All(char.IsAsciiLetterUpper), static () => "must be one to three capital letters");
            if (prefix is not null && !prefixes.Add(prefix))
                l.Wrong("prefix", "must be unique in the hall");
            lines.Add(new LineSettings(new LineId(l.Id("line")), prefix!, l.TextOf("name", required: true)!, l.Weight("weight"), l.Whole("targetMinutes", 1, Day),
                l.Objects("quotas", QuotaFields, most: 100).Select(Quota).ToArray()));
        }
        return [.. lines];
    }

    private static QuotaSettings Quota(DocumentObject q)
    {
        var from = q.Time("from", Day - 1, required: true) ?? 0;
        var to = q.Time("to", Day - 1, required: true) ?? Day - 1;
        if (from >= to)
            q.Wrong("to", "must be later than from");
        return new QuotaSettings(TimeOf(from), TimeOf(to), q.Whole("max", 0, 100_000, required: true) ?? 0);
    }

    private static TimeOnly TimeOf(int minutes) => new(minutes / 60, minutes % 60);

    private ServiceSettings Service(DocumentObject s, KnownIds departments, KnownIds lines, KnownIds services)
    {
        var id = s.Id("service");
        var kind = s.Choice("kind", ServiceKinds, null);
        var statutory = s.Whole("statutoryDays", 0, 3650);
        var promised = s.Whole("promisedDays", 0, 3650);
        if (promised is not null && kind is ServiceKind.Immediate)
            s.Wrong("promisedDays", "must be left out: only promised and joint services promise days");
        if (3L * promised > 2L * statutory)
            findings.Warn(s.Place.At("promisedDays"), $"{promised} is more than two thirds of the {statutory} statutory days");
        return new ServiceSettings
        {
            Service = new ServiceId(id),
            Code = s.Words("code", 64),
            Name = s.TextOf("name", required: true)!,
            Alias = s.Strings("alias", static a => a.Length <= 64 && !string.IsNullOrWhiteSpace(a), static () => "must be a text of 1 to 64 characters", most: 50) ?? [],
            Department = s.Reference("department", departments) is { } d ? new DepartmentId(d) : null,
            Line = new LineId(s.Reference("line", lines, required: true) ?? ""),
            Kind = kind,
            StatutoryDays = statutory,
            PromisedDays = promised,
            ExpectedMinutes = s.Number("expectedMinutes", Day),
            Fee = s.TextOf("fee"),
            Materials = s.Objects("materials", TextFields, most: 100).Select(m => DocumentObject.TextFrom(m, DocumentObject.MaxTextLength)!).ToArray(),
            Identity = s.Choice("identity", Identities, Identity.None),
            Appointments = s.Get("appointments", out var a) ? Appointments(new DocumentObject(a, s.Place.At("appointments"), findings, AppointmentFields)) : null,
            Legs = Legs(s, kind, id, services),
        };
    }

    private static AppointmentSettings Appointments(DocumentObject a) => new(
        a.Whole("slotMinutes", 5, 480, required: true) ?? 0, a.Whole("capacity", 1, 1000, required: true) ?? 0, a.Whole("daysAhead", 0, 365) ?? 5,
        a.Whole("earlyMinutes", 0, Day) ?? 30, a.Whole("lateMinutes", 0, Day) ?? 15);

    private static JointLegSettings[] Legs(DocumentObject s, ServiceKind kind, string id, KnownIds services)
    {
        if (kind is not ServiceKind.Joint)
        {
            if (s.Has("legs") && s.Get("kind", out _))
                s.Wrong("legs", "must be left out: only a joint service has legs");
            return [];
        }
        var items = s.Objects("legs", LegFields, required: true, most: 50).ToList();
        var legIds = new HashSet<string>();
        var legs = new List<JointLegSettings>();
        foreach (var leg in items)
        {
            var service = leg.Reference("service", services, required: true) ?? "";
            if (service.Length > 0 && service == id)
                leg.Wrong("service", "must be another service than the joint one");
            else if (service.Length > 0 && !legIds.Add(service))
                leg.Wrong("service", "must be one leg of it only");
        }
        foreach (var leg in items)
        {
            var service = leg.Get("service", out var name) && name.ValueKind is JsonValueKind.String ? name.GetString()! : "";
            var after = leg.Strings("after", a => a != service && legIds.Contains(a), () => $"must be another leg of it ({DocumentObject.Among(legIds.Where(l => l != service))})");
            legs.Add(new JointLegSettings(new ServiceId(service), [.. (after ?? []).Select(a => new ServiceId(a))]));
        }
        if (items.Count == 0 && s.Get("legs", out var given) && given.ValueKind is JsonValueKind.Array && given.GetArrayLength() == 0)
            s.Wrong("legs", "must have at least one leg");
        if (GoesInACircle(legs))
            s.Refuse("legs", "must have an order: legs wait for each other in a circle");
        return [.. legs];
    }

    private static bool GoesInACircle(List<JointLegSettings> legs)
    {
        var ended = new HashSet<ServiceId>();
        var waiting = legs.ToList();
        while (waiting.RemoveAll(l => l.After.All(ended.Contains) && (ended.Add(l.Service) || true)) > 0)
            continue;
        return waiting.Count > 0;
    }

    // A leg that has legs again would need an order of orders; nobody has asked for one.
    private void RefuseJointLegs(ServiceSettings[] services)
    {
        var joint = services.Where(s => s.Kind is ServiceKind.Joint).Select(s => s.Service).ToHashSet();
        for (var i = 0; i < services.Length; i++)
        {
            for (var j = 0; j < services[i].Legs.Count; j++)
            {
                if (joint.Contains(services[i].Legs[j].Service) && services[i].Legs[j].Service != services[i].Service)
                    findings.Refuse(Place.Root.At("services").At(i).At("legs").At(j).At("service"), $"must be a service that is not joint itself, was \"{services[i].Legs[j].Service}\"");
            }
        }
    }

    private static WindowSettings Window(DocumentObject w, KnownIds zones, KnownIds lines)
    {
        var profile = new List<ProfileLine>();
        var served = new HashSet<string>();
        foreach (var p in w.Objects("profile", ProfileFields, required: true))
        {
            var line = p.Reference("line", lines, required: true) ?? "";
            if (line.Length > 0 && !served.Add(line))
                p.Wrong("line", "must be named once in a profile");
            profile.Add(new ProfileLine(new LineId(line), p.Whole("afterMinutes", 0, Day) ?? 0, p.Whole("onlyAfterWaitMinutes", 0, Day) ?? 0));
        }
        return new WindowSettings(new WindowId(w.Id("window")), w.Choice("kind", WindowKinds, null), w.Reference("zone", zones) is { } z ? new ZoneId(z) : null,
            w.Flag("low"), w.TextOf("name"), [.. profile]);
    }

    private static StaffSettings[] Staff(DocumentObject hall, KnownIds departments, KnownIds lines, KnownIds services)
    {
        // Colleagues mostly can do the same: one set for all of them.
        var lineSets = new Dictionary<string, FrozenSet<LineId>>();
        var serviceSets = new Dictionary<string, FrozenSet<ServiceId>>();
        var staff = new List<StaffSettings>();
        foreach (var s in hall.Objects("staff", StaffFields))
        {
            staff.Add(new StaffSettings(new StaffId(s.Id("staff")), s.TextOf("name", required: true, plain: true)!, s.Words("number", 32),
                s.Reference("department", departments) is { } d ? new DepartmentId(d) : null,
                s.String("photo", false, IsFileName, static () => "must be a file's name without a folder, of 1 to 128 characters"),
                SetOf(s.References("lines", lines), lineSets, l => new LineId(l)), SetOf(s.References("services", services), serviceSets, v => new ServiceId(v))));
        }
        return [.. staff];
    }

    private static FrozenSet<T>? SetOf<T>(string[]? ids, Dictionary<string, FrozenSet<T>> sets, Func<string, T> make)
    {
        if (ids is null)
            return null;
        var key = string.Join(' ', ids.Order(StringComparer.Ordinal));
        if (!sets.TryGetValue(key, out var set))
            sets.Add(key, set = ids.Select(make).ToFrozenSet());
        return set;
    }

    private static bool IsFileName(string s) => s.Length is > 0 and <= 128 && s[0] != '.' && !s.Any(c => c is '/' or '\\' or ':' || char.IsControl(c));

    private void CheckAlerts(DocumentObject hall)
    {
        if (!hall.Get("alerts", out var alerts))
            return;
        if (alerts.ValueKind is not JsonValueKind.Object)
        {
            hall.Wrong("alerts", "must be an object of alerts, each with yellow, orange, red");
            return;
        }
        var seen = new HashSet<string>();
        foreach (var alert in alerts.EnumerateObject())
        {
            if (findings.Full)
                return;
            var place = hall.Place.At("alerts").At(DocumentObject.Cut(alert.Name));
            if (alert.Name.Length is 0 or > 64 || !alert.Name.All(char.IsAsciiLetter))
                findings.Refuse(place, "must be an alert's name: 1 to 64 letters");
            else if (!seen.Add(alert.Name))
                findings.Refuse(place, "must be given once, was repeated");
            else
                CheckGrades(new DocumentObject(alert.Value, place, findings, GradeFields));
        }
    }

    private static void CheckGrades(DocumentObject grades)
    {
        var before = 0d;
        foreach (var grade in GradeFields)
        {
            var value = grades.Number(grade, 1_000_000);
            if (value < before)
                grades.Wrong(grade, "must not be less than the grade before it (yellow, orange, red)");
            before = value ?? before;
        }
        if (grades.IsObject && !GradeFields.Any(grades.Has))
            grades.Refuse("yellow", "must be given, or orange, or red");
    }

    private static NoticeSettings Notice(DocumentObject n, KnownIds zones)
    {
        var from = n.Date("from");
        var to = n.Date("to");
        if (to < from)
            n.Wrong("to", "must not be before from");
        return new NoticeSettings(DocumentObject.TextFrom(n, DocumentObject.MaxTextLength)!, n.Reference("zone", zones) is { } z ? new ZoneId(z) : null, from, to);
    }

    private static (double, double)? Location(DocumentObject hall)
    {
        if (!hall.Get("location", out var pair))
            return null;
        if (pair.ValueKind is JsonValueKind.Array && pair.GetArrayLength() == 2
            && Degrees(pair[0], 180) is { } longitude && Degrees(pair[1], 90) is { } latitude)
            return (longitude, latitude);
        hall.Wrong("location", "must be [longitude, latitude] in degrees, -180 to 180 and -90 to 90");
        return null;
    }

    private static double? Degrees(JsonElement value, double most) =>
        value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var degrees) && Math.Abs(degrees) <= most ? degrees : null;

    private FairnessSettings Fairness(DocumentObject hall)
    {
        if (!hall.Get("fairness", out var given))
            return DefaultFairness;
        var f = new DocumentObject(given, hall.Place.At("fairness"), findings, FairnessFields);
        return new FairnessSettings(f.Whole("maxOvertakes", 0, 1000) ?? DefaultFairness.MaxOvertakes, f.Whole("maxPriorityRun", 0, 1000) ?? DefaultFairness.MaxPriorityRun);
    }

    private CallingSettings Calling(DocumentObject hall)
    {
        if (!hall.Get("calling", out var given))
            return DefaultCalling;
        var c = new DocumentObject(given, hall.Place.At("calling"), findings, CallingFields);
        return new CallingSettings
        {
            MinCalls = c.Whole("minCalls", 1, 10) ?? DefaultCalling.MinCalls,
            MinGapSeconds = c.Whole("minGapSeconds", 0, 600) ?? DefaultCalling.MinGapSeconds,
            ReturnMinutes = c.Whole("returnMinutes", 0, Day) ?? DefaultCalling.ReturnMinutes,
            RejoinAfterCalls = c.Whole("rejoinAfterCalls", 0, 100) ?? DefaultCalling.RejoinAfterCalls,
            MaxHeld = c.Whole("maxHeld", 0, 100) ?? DefaultCalling.MaxHeld,
            HeldMinutes = c.Whole("heldMinutes", 1, Day) ?? DefaultCalling.HeldMinutes,
            AutoStartSeconds = c.Whole("autoStartSeconds", 1, 3600) ?? DefaultCalling.AutoStartSeconds,
            StandInAfterMinutes = c.Whole("standInAfterMinutes", 0, Day) ?? DefaultCalling.StandInAfterMinutes,
            LowFirstMinutes = c.Whole("lowFirstMinutes", 0, Day) ?? DefaultCalling.LowFirstMinutes,
            SlipDays = c.Whole("slipDays", 1, 365) ?? DefaultCalling.SlipDays,
            RequireOutcome = c.Flag("requireOutcome"),
        };
    }

    private void WarnOfLinesWithoutWindow(DocumentObject hall, ServiceSettings[] services, WindowSettings[] windows)
    {
        var served = windows.SelectMany(w => w.Profile).Select(p => p.Line).ToHashSet();
        for (var i = 0; i < services.Length; i++)
        {
            if (!served.Contains(services[i].Line))
                findings.Warn(hall.Place.At("services").At(i).At("line"), $"no window serves the line {services[i].Line}");
        }
    }
}
