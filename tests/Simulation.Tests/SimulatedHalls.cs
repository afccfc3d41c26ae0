using System.Text;
using HallOps.Core.Halls;

namespace HallOps.Simulation.Tests;

/// <summary>Small halls with everything that makes races: two lines, a window that serves both, a helper, a class with credit, two zones.</summary>
internal static class SimulatedHalls
{
    /// <summary>Two documents of one hall: the second drops window 3 and moves window 2 to the other zone.</summary>
    public static PackedDocument[] Documents(string hall) => [Document(hall, "west", true), Document(hall, "east", false)];

    private static PackedDocument Document(string hall, string zoneOfTwo, bool withThree)
    {
        var three = withThree ? """, {"window": "3", "kind": "specialised", "zone": "west", "profile": [{"line": "b", "afterMinutes": 0}, {"line": "a", "afterMinutes": 3}]}""" : "";
        var json = $$$"""
            {"hall": "{{{hall}}}", "name": {"zh": "模拟大厅", "en": "Simulated hall"}, "kind": "full", "level": 5, "remoteIssue": true, "region": [{"zh": "省", "en": "Province"}],
             "departments": [{"department": "d", "name": {"zh": "民政", "en": "Civil affairs"}}],
             "classes": [{"class": "normal", "name": {"zh": "普通", "en": "Normal"}, "grantedBy": ["self"]},
                         {"class": "elderly", "name": {"zh": "老年人", "en": "Elderly"}, "creditMinutes": 15, "grantedBy": ["guide"], "minCalls": 2, "minGapSeconds": 10}],
             "fairness": {"maxOvertakes": 3, "maxPriorityRun": 2},
             "calling": {"minCalls": 2, "minGapSeconds": 5, "returnMinutes": 30, "rejoinAfterCalls": 2, "autoStartSeconds": 45},
             "zones": [{"zone": "east", "name": {"zh": "东区", "en": "East"}}, {"zone": "west", "name": {"zh": "西区", "en": "West"}}],
             "lines": [{"line": "a", "prefix": "A", "name": {"zh": "甲", "en": "A"}}, {"line": "b", "prefix": "B", "name": {"zh": "乙", "en": "B"}}],
             "services": [{"service": "s1", "code": "1", "name": {"zh": "一", "en": "One"}, "department": "d", "line": "a", "kind": "immediate", "expectedMinutes": 4,
                           "appointments": {"slotMinutes": 5, "capacity": 3, "daysAhead": 1, "earlyMinutes": 30, "lateMinutes": 5}},
                          {"service": "s2", "code": "2", "name": {"zh": "二", "en": "Two"}, "department": "d", "line": "a", "kind": "promised", "statutoryDays": 20, "promisedDays": 5},
                          {"service": "s3", "code": "3", "name": {"zh": "三", "en": "Three"}, "department": "d", "line": "b", "kind": "immediate", "expectedMinutes": 7},
                          {"service": "all", "code": "4", "name": {"zh": "一件事", "en": "All"}, "department": "d", "line": "b", "kind": "joint",
                           "legs": [{"service": "s2", "after": ["s1"]}, {"service": "s1"}, {"service": "s3"}]}],
             "windows": [{"window": "1", "kind": "comprehensive", "zone": "east", "profile": [{"line": "a", "afterMinutes": 0}]},
                         {"window": "2", "kind": "comprehensive", "zone": "{{{zoneOfTwo}}}", "profile": [{"line": "a", "afterMinutes": 0}, {"line": "b", "afterMinutes": 0}]}{{{three}}}],
             "staff": [], "calendar": {"timeZone": "Asia/Shanghai", "sessions": "always"}}
            """;
        var utf8 = Encoding.UTF8.GetBytes(json);
        var reading = HallDocument.Read(utf8);
        if (reading.Settings is null) throw new InvalidOperationException(string.Join("; ", reading.Problems));
        return PackedDocument.Pack(HallDocument.Minify(utf8));
    }
}
